#include "view/contract.h"

#include <algorithm>

#include "base/text.h"

namespace latchkey::view {
namespace {

using Names = Contract::Names;

constexpr Contract::Field kCsrf{"csrf_token", "{{CSRF}}"};
constexpr size_t kMostLetters = 3;  // between a name and the one that was meant

Names operator+(Names a, const Names& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

const Names kFrame = {"BASE", "SITE_NAME", "HOME_URL"};
const Names kTroubles = {"T_TOO_MANY", "T_UNAVAILABLE", "T_FORM_EXPIRED"};
const Names kWait = {"WAIT_SECONDS", "WAIT_MINUTES", "WAIT_HOURS", "ONE", "MANY"};
const Names kNotices = {"BY_ADDRESS",    "BY_LOGIN",       "HAS_LOGIN",     "NOTICE",         "N_CHECK_MAIL",
                        "N_LINK_BAD",    "N_LINK_EXPIRED", "N_PASSWORD_CHANGED",
                        "N_SIGNED_OUT",  "N_SIGNED_IN",    "N_NOT_ME"};
const Names kLinkMail = {"SITE_NAME", "BASE_URL", "WHEN",       "PEER", "LINK",
                         "ADDRESS",   "ENDS",     "ACCOUNT_ID", "N",    "NOT_ME_LINK"};
const Names kChangedMail = {"SITE_NAME", "BASE_URL", "WHEN", "PEER", "ADDRESS", "REQUEST_URL"};
const Names kPeer = {"HAS_PEER", "NO_PEER"};

Contract LinkMail(std::string_view name) {
  return {.name = name,
          .values = kLinkMail,
          .sections = {"ACCOUNT"},
          .other_sections = kWait + kPeer + Names{"LIFE", "NAMED", "BY_PERSON", "BY_ADMIN"},
          .markers = {"{{#ACCOUNT}}", "{{LINK}}"}};
}

std::vector<Contract> MakeContracts() {
  return {
      {.name = "home",
       .values = kFrame + Names{"CSRF", "ADDRESS"},
       .sections = {"SIGNED_IN", "SIGNED_OUT"},
       .other_sections = kNotices,
       .fields = {kCsrf}},
      {.name = "login",
       .values = kFrame + Names{"CSRF", "ADDRESS"},
       .sections = kTroubles + Names{"E_LOGIN"},
       .other_values = {"N"},
       .other_sections = kNotices + kWait,
       .fields = {kCsrf, {"email", ""}, {"password", ""}}},
      {.name = "request",
       .values = kFrame + Names{"CSRF", "ONCE", "ADDRESS"},
       .sections = kTroubles + Names{"E_ADDRESS", "HAS_LOGIN"},
       .other_values = {"N"},
       .other_sections = kNotices + kWait,
       .fields = {kCsrf, {"email", ""}}},
      {.name = "set_password",
       .values = kFrame + Names{"CSRF", "ADDRESS", "LINK", "MIN_LENGTH", "MAX_BYTES"},
       .sections = kTroubles + Names{"E_TOO_SHORT", "E_TOO_LONG", "E_NUL", "E_GUESSABLE", "E_CURRENT",
                                     "E_DIFFERENT"},
       .other_values = {"N"},
       .other_sections = kNotices + kWait,
       .fields = {kCsrf, {"link", "{{LINK}}"}, {"password", ""}, {"password2", ""}}},
      {.name = "outcome",
       .values = kFrame + Names{"LOGIN_URL"},
       .sections = {"HAS_LOGIN_URL"},
       .other_sections = kNotices},
      {.name = "not_me",
       .values = kFrame + Names{"CSRF", "ADDRESS", "LINK"},
       .sections = kTroubles,
       .other_values = {"N"},
       .other_sections = kNotices + kWait,
       .fields = {kCsrf, {"link", "{{LINK}}"}}},
      {.name = "other_link", .values = kFrame, .sections = {}, .other_sections = kNotices},
      {.name = "error",
       .values = kFrame + Names{"N"},
       .sections = {"S_400", "S_403", "S_404", "S_405", "S_411", "S_413", "S_415", "S_429", "S_500",
                    "S_503", "S_UNSURE", "S_FORM_EXPIRED"},
       .other_sections = kNotices + kWait},
      {.name = "mail_link.subject",
       .values = {"SITE_NAME"},
       .sections = {},
       .other_values = {"BASE_URL", "WHEN", "PEER"}},
      LinkMail("mail_link.txt"),
      LinkMail("mail_link.html"),
      {.name = "mail_changed.subject",
       .values = {"SITE_NAME"},
       .sections = {},
       .other_values = {"BASE_URL", "WHEN", "PEER", "ADDRESS"}},
      {.name = "mail_changed.txt", .values = kChangedMail, .sections = {}, .other_sections = kPeer},
      {.name = "mail_changed.html", .values = kChangedMail, .sections = {}, .other_sections = kPeer},
  };
}

bool Holds(const Names& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

bool IsMail(std::string_view name) { return name.starts_with("mail_"); }

// Every name that some page, or some mail, gets.
Contract Union(bool of_mails) {
  Contract all{.name = of_mails ? "mail" : "page", .values = {}, .sections = {}};
  for (const Contract& one : Contracts()) {
    if (IsMail(one.name) != of_mails) continue;
    all.values = all.values + one.values + one.other_values;
    all.sections = all.sections + one.sections + one.other_sections;
  }
  return all;
}

// Without what a browser or ctemplate does not see.
std::string WithoutComments(std::string_view text) {
  std::string kept(text);
  for (const auto& [begin, end] : {std::pair("<!--", "-->"), std::pair("{{!", "}}")}) {
    for (size_t at = 0; (at = kept.find(begin, at)) != std::string::npos;) {
      const size_t close = kept.find(end, at);
      if (close == std::string::npos) break;
      kept.erase(at, close + std::string_view(end).size() - at);
    }
  }
  return kept;
}

bool IsBlank(char c) { return TrimBlanks(std::string_view(&c, 1)).empty(); }

// Whether a tag has that attribute with that value, in any quotes or none.
bool HasAttribute(std::string_view tag, const std::string& attribute, std::string_view value) {
  const std::string lower = AsciiLower(tag);
  for (size_t at = 0; (at = lower.find(attribute + "=", at)) != std::string::npos; ++at) {
    if (at == 0 || !IsBlank(lower[at - 1])) continue;
    std::string_view rest = tag.substr(at + attribute.size() + 1);
    const bool quoted = rest.starts_with('"') || rest.starts_with('\'');
    const std::string_view end = quoted ? rest.substr(0, 1) : std::string_view(" \t\r\n/");
    if (quoted) rest.remove_prefix(1);
    if (rest.substr(0, rest.find_first_of(end)) == value) return true;
  }
  return false;
}

bool HasField(std::string_view text, const Contract::Field& field) {
  for (size_t at = 0; (at = text.find('<', at)) != std::string_view::npos; ++at) {
    const std::string_view tag = text.substr(at + 1, text.find('>', at) - at - 1);
    if (!HasAttribute(tag, "name", field.name)) continue;
    if (field.value.empty() || HasAttribute(tag, "value", field.value)) return true;
  }
  return false;
}

Error Lacks(const std::string& path, const std::string& what, const std::string& cure) {
  return {Next::kFixSetup, path + ": lacks " + what + "; " + cure};
}

}  // namespace

bool Contract::HasValue(std::string_view value) const {
  return Holds(values, value) || Holds(other_values, value);
}

bool Contract::HasSection(std::string_view section) const {
  return Holds(sections, section) || Holds(other_sections, section);
}

const std::vector<Contract>& Contracts() {
  static const std::vector<Contract> contracts = MakeContracts();
  return contracts;
}

const Contract* FindContract(std::string_view name) {
  const auto found = std::find_if(Contracts().begin(), Contracts().end(),
                                  [&](const Contract& one) { return one.name == name; });
  return found == Contracts().end() ? nullptr : &*found;
}

const Contract* ContractOfParts(std::string_view name) {
  static const Contract pages = Union(/*of_mails=*/false);
  static const Contract mails = Union(/*of_mails=*/true);
  if (FindContract(name) == nullptr) return nullptr;
  return IsMail(name) ? &mails : &pages;
}

std::string Advise(const Contract& contract, std::string_view name, std::string_view before) {
  const bool section = before == "{{#";
  const Names names = section ? contract.sections + contract.other_sections
                              : contract.values + contract.other_values;
  if (names.empty()) return "remove it";
  const auto nearer = [&](std::string_view a, std::string_view b) {
    return EditDistance(a, name) < EditDistance(b, name);
  };
  const bool short_enough = name.size() <= 100;
  const auto nearest = std::min_element(names.begin(), names.end(), nearer);
  if (short_enough && EditDistance(*nearest, name) <= kMostLetters) {
    return "did you mean " + std::string(before) + std::string(*nearest) + "}}?";
  }
  std::string advice = "it gets ";
  Names told;
  for (const std::string_view one : names) {
    if (Holds(told, one)) continue;
    advice += (told.empty() ? "" : ", ") + std::string(one);
    told.push_back(one);
  }
  return advice;
}

Status CheckIsWhole(const Contract& contract, const std::string& path, std::string_view text) {
  const std::string seen = WithoutComments(text);
  for (const Contract::Field& field : contract.fields) {
    if (HasField(seen, field)) continue;
    const std::string attributes =
        "name=\"" + std::string(field.name) + "\"" +
        (field.value.empty() ? "" : " value=\"" + std::string(field.value) + "\"");
    return Lacks(path, "the field " + std::string(field.name) + ", without which its form is refused",
                 "put in <input " + attributes + "> as the shipped template has it");
  }
  for (const std::string_view marker : contract.markers) {
    if (seen.find(marker) != std::string::npos) continue;
    return Lacks(path, std::string(marker), "without it this mail is of no use, put it in");
  }
  return Ok();
}

}  // namespace latchkey::view
