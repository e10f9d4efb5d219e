// SQL that is written into a configuration comes out as one statement of quoted names and known
// words, with a value for each "?", or not at all.

#include "accounts/sql.h"
#include "fuzz/fuzz.h"

using namespace latchkey;

namespace {

// Outside quotes nothing that could end the statement, begin a comment or name something unquoted.
void CheckPlain(const std::string& text, size_t binds) {
  size_t marks = 0;
  char quote = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quote != 0) {
      CHECK(c != '\\' && static_cast<unsigned char>(c) >= 0x20);
      if (c == quote) quote = 0;
    } else if (c == '\'' || c == '`') {
      quote = c;
    } else {
      CHECK(std::string_view(";#\"@/*\\{}:").find(c) == std::string_view::npos);
      CHECK(!(c == '-' && i + 1 < text.size() && text[i + 1] == '-'));
      marks += c == '?' ? 1 : 0;
    }
  }
  CHECK(quote == 0);
  CHECK(marks == binds);
}

}  // namespace

FUZZ(site_sql) {
  const config::Site site{.schema = "site",
                          .prefix = "p_",
                          .table = "p_users",
                          .id = "id",
                          .addresses = {"mail"},
                          .hash = "hash"};
  for (const auto parse : {accounts::ParseCondition, accounts::ParseAssignment, accounts::ParseJoin,
                           accounts::ParseStatement, accounts::ParseColumn}) {
    const Result<accounts::Sql> sql = parse(site, input);
    if (!sql.ok()) continue;
    CheckPlain(sql->text, sql->binds.size());
    CHECK(accounts::Body(*sql).find('?') == std::string::npos);
  }
}
