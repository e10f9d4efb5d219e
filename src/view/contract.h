// contract.h -- what each template gets, and what it cannot do without
//
// One row for each page and mail, between the program that fills it and whoever writes another in its
// place. A name in a template that its row does not have would be empty, or hide its section, in
// silence: so it is refused when templates are loaded. A part may hold any name that some page (or,
// of a mail's part, some mail) gets, since several share it.

#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace latchkey::view {

struct Contract {
  // A form field the program reads. value: what stands in it, such as "{{CSRF}}"; empty: what was typed.
  struct Field {
    std::string_view name;
    std::string_view value;
  };
  using Names = std::vector<std::string_view>;

  std::string_view name;
  Names values;    // the shipped template shows each
  Names sections;  // the shipped template has words for each
  Names other_values = {};
  Names other_sections = {};
  std::vector<Field> fields = {};
  Names markers = {};  // "{{LINK}}": must be there

  bool HasValue(std::string_view value) const;
  bool HasSection(std::string_view section) const;
};

// In the order of kPageTemplates and kMailTemplates.
const std::vector<Contract>& Contracts();
// nullptr: no such page or mail.
const Contract* FindContract(std::string_view name);
// Of the parts of that page or mail; nullptr likewise.
const Contract* ContractOfParts(std::string_view name);

// "did you mean {{SITE_NAME}}?" or "it gets A, B, C". before: "{{" or "{{#".
std::string Advise(const Contract& contract, std::string_view name, std::string_view before);

// Whether all that the template cannot do without stands in its text, the parts put in. kFixSetup:
// "<path>: what is missing; cure".
Status CheckIsWhole(const Contract& contract, const std::string& path, std::string_view text);

}  // namespace latchkey::view
