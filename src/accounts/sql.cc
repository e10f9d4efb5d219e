#include "accounts/sql.h"

#include <algorithm>
#include <array>
#include <optional>

#include "base/check.h"
#include "base/text.h"
#include "db/db.h"

namespace latchkey::accounts {
namespace {

struct ValueName {
  Value value;
  std::string_view name;
  std::string_view type;  // of a stored procedure's parameter
};
constexpr std::array<ValueName, 7> kValues = {{
    {Value::kId, "id", "BIGINT UNSIGNED"},
    {Value::kLogin, "login", "VARCHAR(255) CHARACTER SET utf8mb4"},
    {Value::kHash, "hash", "VARCHAR(512) CHARACTER SET utf8mb4"},
    {Value::kAddress, "address", "VARCHAR(320) CHARACTER SET utf8mb4"},
    {Value::kNow, "now", "BIGINT"},
    {Value::kTimestamp14, "timestamp14", "CHAR(14) CHARACTER SET ascii"},
    {Value::kRandom32Hex, "random32hex", "CHAR(32) CHARACTER SET ascii"},
}};

const ValueName& NameOf(Value value) {
  const auto at = std::find_if(kValues.begin(), kValues.end(),
                               [value](const ValueName& one) { return one.value == value; });
  CHECK(at != kValues.end());
  return *at;
}

constexpr std::array<std::string_view, 17> kWords = {
    "AND",           "OR",       "NOT",   "IN",     "IS",    "NULL",     "LIKE",
    "BETWEEN",       "TRUE",     "FALSE", "CONCAT", "LOWER", "COALESCE", "UNIX_TIMESTAMP",
    "UTC_TIMESTAMP", "INTERVAL", "DAY"};
constexpr std::array<std::string_view, 9> kOperators = {
    "=", "<>", "!=", "<=", ">=", "<", ">", "+", "-"};

bool IsLetter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool IsDigit(char c) { return c >= '0' && c <= '9'; }

std::string AsciiUpper(std::string_view text) {
  std::string upper(text);
  for (char& c : upper) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return upper;
}

Error Wrong(const std::string& problem) { return {Next::kFixSetup, problem}; }

std::string Quote(const std::string& name) {
  const Result<std::string> quoted = db::QuoteIdentifier(name);
  CHECK(quoted.ok());
  return *quoted;
}

// What a text consists of.
struct Token {
  enum Kind { kName, kBind, kNumber, kText, kOperator, kWord, kComma, kOpen, kClose, kEnd };
  Kind kind;
  std::string text;  // of a name or a bind without its marks
};

class Tokens {
 public:
  static Result<std::vector<Token>> Read(std::string_view rest) {
    std::vector<Token> tokens;
    while (true) {
      rest = rest.substr(std::min(rest.find_first_not_of(' '), rest.size()));
      if (rest.empty()) break;
      std::optional<Token> token = Next(rest);
      if (!token) return Wrong("\"" + std::string(rest.substr(0, 20)) + "\" may not stand there");
      tokens.push_back(std::move(*token));
    }
    tokens.push_back({Token::kEnd, ""});
    return tokens;
  }

 private:
  // Takes one from the front.
  static std::optional<Token> Next(std::string_view& rest) {
    if (rest.front() == '{') return Enclosed(rest, '}', Token::kName);
    if (rest.front() == '\'') return PlainText(rest);
    if (rest.front() == ':')
      return Run(rest, 1, Token::kBind, [](char c) { return IsLetter(c) || IsDigit(c); });
    if (IsDigit(rest.front())) return Run(rest, 0, Token::kNumber, IsDigit);
    if (IsLetter(rest.front()))
      return Run(rest, 0, Token::kWord, [](char c) { return IsLetter(c) || IsDigit(c); });
    if (rest.front() == ',') return Cut(rest, 1, Token::kComma);
    if (rest.front() == '(') return Cut(rest, 1, Token::kOpen);
    if (rest.front() == ')') return Cut(rest, 1, Token::kClose);
    for (const std::string_view one : kOperators) {
      // "--" begins a comment.
      if (rest.starts_with(one) && !rest.starts_with("--"))
        return Cut(rest, one.size(), Token::kOperator);
    }
    return std::nullopt;
  }

  static Token Cut(std::string_view& rest, size_t bytes, Token::Kind kind) {
    Token token{kind, std::string(rest.substr(0, bytes))};
    rest.remove_prefix(bytes);
    return token;
  }

  static std::optional<Token> Enclosed(std::string_view& rest, char end, Token::Kind kind) {
    const size_t at = rest.find(end, 1);
    if (at == std::string_view::npos) return std::nullopt;
    Token token{kind, std::string(rest.substr(1, at - 1))};
    rest.remove_prefix(at + 1);
    return token;
  }

  // Plain: no backslash, and no "?", which would be taken for a bind.
  static std::optional<Token> PlainText(std::string_view& rest) {
    std::optional<Token> token = Enclosed(rest, '\'', Token::kText);
    if (!token || token->text.find_first_of("\\?") != std::string_view::npos) return std::nullopt;
    if (rest.starts_with('\'') || HasControls(token->text)) return std::nullopt;
    return token;
  }

  template <typename Belongs>
  static std::optional<Token> Run(std::string_view& rest, size_t skip, Token::Kind kind,
                                  Belongs belongs) {
    size_t end = skip;
    while (end < rest.size() && belongs(rest[end])) ++end;
    if (end == skip) return std::nullopt;
    Token token{kind, std::string(rest.substr(skip, end - skip))};
    rest.remove_prefix(end);
    return token;
  }
};

// Reads tokens into an Sql; the first failure stays.
class Reader {
 public:
  // table: that of a column without one, with its prefix.
  Reader(const config::Site& site, std::string table, std::vector<Token> tokens)
      : site_(site), table_(std::move(table)), tokens_(std::move(tokens)) {}

  bool TakeWord(std::string_view word) {
    if (Now().kind != Token::kWord || AsciiUpper(Now().text) != word) return false;
    Add(std::string(word));
    ++at_;
    return true;
  }

  void NeedWord(std::string_view word) {
    if (!TakeWord(word)) Fail("needs " + std::string(word) + " before \"" + Rest() + "\"");
  }

  // A table's name, which gets the prefix.
  std::string NeedTable() {
    const std::string name = site_.prefix + std::string(Now().text);
    if (Now().kind != Token::kName || !db::QuoteIdentifier(name).ok()) {
      Fail("needs a table in braces, {table}, before \"" + Rest() + "\"");
      return "";
    }
    ++at_;
    sql_.rights[name];
    Add(Quote(site_.schema) + "." + Quote(name));
    return name;
  }

  void UseTable(const std::string& table) { table_ = table; }

  // {column} or {table.column}.
  void NeedColumn(bool writes) {
    const std::vector<std::string_view> parts = Split(Now().text, '.');
    const bool has_table = parts.size() == 2;
    const std::string table = has_table ? site_.prefix + std::string(parts[0]) : table_;
    const std::string column(parts.back());
    if (Now().kind != Token::kName || parts.size() > 2 || !db::QuoteIdentifier(table).ok() ||
        !db::QuoteIdentifier(column).ok()) {
      return Fail("needs a column in braces, {column} or {table.column}, before \"" + Rest() +
                  "\"");
    }
    ++at_;
    Rights& rights = sql_.rights[table];
    (writes ? rights.writes : rights.reads).insert(column);
    Add(Quote(table) + "." + Quote(column));
  }

  // "{column} = value, ..." up to WHERE or the end.
  void NeedAssignments() {
    do {
      NeedColumn(/*writes=*/true);
      if (Now().kind != Token::kOperator || Now().text != "=")
        return Fail("needs \"=\" before \"" + Rest() + "\"");
      AddToken();
      NeedExpression(/*stops_at_comma=*/true);
    } while (ok() && Now().kind == Token::kComma && (AddToken(), true));
  }

  // Up to the end, to WHERE, or to a comma that is in no parentheses.
  void NeedExpression(bool stops_at_comma) {
    int depth = 0;
    bool empty = true;
    while (ok() && Now().kind != Token::kEnd && !(depth == 0 && IsWord("WHERE"))) {
      if (depth == 0 && stops_at_comma && Now().kind == Token::kComma) break;
      if (Now().kind == Token::kOpen) ++depth;
      if (Now().kind == Token::kClose && --depth < 0) return Fail("has \")\" without \"(\"");
      AddOfExpression();
      empty = false;
    }
    if (depth > 0) Fail("has \"(\" without \")\"");
    if (empty) Fail("lacks a value or condition before \"" + Rest() + "\"");
  }

  void NeedEnd() {
    if (Now().kind != Token::kEnd) Fail("\"" + Rest() + "\" may not stand there");
  }

  bool ok() const { return problem_.empty(); }
  Rights& RightsOn(const std::string& table) { return sql_.rights[table]; }
  Result<Sql> Done() {
    NeedEnd();
    if (!ok()) return Wrong(problem_);
    return std::move(sql_);
  }

 private:
  const Token& Now() const { return tokens_[at_]; }
  bool IsWord(std::string_view word) const {
    return Now().kind == Token::kWord && AsciiUpper(Now().text) == word;
  }
  std::string Rest() const {
    return Now().kind == Token::kEnd ? "the end" : std::string(Now().text);
  }
  void Fail(const std::string& problem) {
    if (ok()) problem_ = problem;
  }
  void Add(const std::string& text) { sql_.text += (sql_.text.empty() ? "" : " ") + text; }
  void AddToken() {
    Add(std::string(Now().text));
    ++at_;
  }

  void AddOfExpression() {
    switch (Now().kind) {
      case Token::kName:
        return NeedColumn(/*writes=*/false);
      case Token::kBind:
        return AddBind();
      case Token::kText:
        Add("'" + std::string(Now().text) + "'");
        ++at_;
        return;
      case Token::kWord:
        return AddWord();
      default:
        return AddToken();
    }
  }

  void AddBind() {
    const auto known = std::find_if(kValues.begin(), kValues.end(), [this](const ValueName& one) {
      return one.name == Now().text;
    });
    if (known == kValues.end()) return Fail("knows no value :" + std::string(Now().text));
    sql_.binds.push_back(known->value);
    Add("?");
    ++at_;
  }

  void AddWord() {
    const std::string word = AsciiUpper(Now().text);
    if (std::find(kWords.begin(), kWords.end(), word) == kWords.end()) {
      return Fail("\"" + std::string(Now().text) + "\" may not stand there; names stand in braces");
    }
    // The server takes a function's name only with its parenthesis right behind.
    Add(word);
    ++at_;
    if (Now().kind == Token::kOpen && word != "IN" && word != "AND" && word != "OR" &&
        word != "NOT") {
      sql_.text += "(";
      ++at_;
      AddArguments();
    }
  }

  void AddArguments() {
    while (ok() && Now().kind != Token::kClose) {
      if (Now().kind == Token::kEnd) return Fail("has \"(\" without \")\"");
      AddOfExpression();
    }
    if (ok()) AddToken();
  }

  const config::Site& site_;
  std::string table_;
  std::vector<Token> tokens_;
  size_t at_ = 0;
  Sql sql_;
  std::string problem_;
};

// The reader, or why there are no tokens.
Result<Reader> Start(const config::Site& site, std::string_view text) {
  Result<std::vector<Token>> tokens = Tokens::Read(text);
  if (!tokens.ok()) return tokens.error();
  return Reader(site, site.table, std::move(*tokens));
}

// "key: " in front, and which text of the key it is about.
Error At(std::string_view key, const std::string& text, const Error& error) {
  return {error.next, std::string(key) + ": in \"" + text + "\": " + error.message};
}

using Parse = Result<Sql> (*)(const config::Site&, std::string_view);

// All texts of one key.
Status ReadAll(const config::Site& site, std::string_view key,
               const std::vector<std::string>& texts, Parse parse, std::vector<Sql>& into) {
  for (const std::string& text : texts) {
    Result<Sql> sql = parse(site, text);
    if (!sql.ok()) return At(key, text, sql.error());
    into.push_back(std::move(*sql));
  }
  return Ok();
}

Status ReadColumns(const config::Site& site, Mapping& mapping) {
  const std::array<std::tuple<std::string_view, const std::string*, Sql*>, 4> columns = {
      {{"site.id", &site.id, &mapping.id},
       {"site.hash", &site.hash, &mapping.hash},
       {"site.salt", &site.salt, &mapping.salt},
       {"site.login", &site.login, &mapping.login}}};
  for (const auto& [key, name, into] : columns) {
    if (name->empty() && key != "site.id" && key != "site.hash") continue;
    Result<Sql> column = ParseColumn(site, *name);
    if (!column.ok()) return At(key, *name, column.error());
    *into = std::move(*column);
    Merge(into->rights, mapping.reading);
  }
  return ReadAll(site, "site.address", site.addresses, ParseColumn, mapping.addresses);
}

// Conditions are asked before anybody is known.
Status CheckActive(const config::Site& site, const std::vector<Sql>& active) {
  for (size_t i = 0; i < active.size(); ++i) {
    for (const Value value : active[i].binds) {
      if (value == Value::kNow || value == Value::kTimestamp14) continue;
      return At("site.active", site.active[i], Wrong("only :now and :timestamp14 may stand there"));
    }
  }
  return Ok();
}

// What the swap writes: hash, salt and the further columns; reading what it compares with.
void AddSwapRights(const config::Site& site, Mapping& mapping) {
  Rights& own = mapping.writing[site.table];
  own.writes.insert(site.hash);
  if (!site.salt.empty()) own.writes.insert(site.salt);
  for (const Sql& sql : mapping.set) Merge(sql.rights, mapping.writing);
  if (site.procedure) return;
  for (const Sql& sql : mapping.sessions) Merge(sql.rights, mapping.writing);
}

}  // namespace

void Merge(const RightsByTable& more, RightsByTable& rights) {
  for (const auto& [table, one] : more) {
    Rights& own = rights[table];
    own.reads.insert(one.reads.begin(), one.reads.end());
    own.writes.insert(one.writes.begin(), one.writes.end());
    own.deletes = own.deletes || one.deletes;
  }
}

Result<Sql> ParseCondition(const config::Site& site, std::string_view text) {
  Result<Reader> reader = Start(site, text);
  if (!reader.ok()) return reader.error();
  reader->NeedExpression(/*stops_at_comma=*/false);
  return reader->Done();
}

Result<Sql> ParseAssignment(const config::Site& site, std::string_view text) {
  Result<Reader> reader = Start(site, text);
  if (!reader.ok()) return reader.error();
  reader->NeedAssignments();
  return reader->Done();
}

Result<Sql> ParseJoin(const config::Site& site, std::string_view text) {
  Result<Reader> reader = Start(site, "JOIN " + std::string(text));
  if (!reader.ok()) return reader.error();
  reader->NeedWord("JOIN");
  reader->NeedTable();
  reader->NeedWord("ON");
  reader->NeedExpression(/*stops_at_comma=*/false);
  return reader->Done();
}

Result<Sql> ParseStatement(const config::Site& site, std::string_view text) {
  Result<Reader> reader = Start(site, text);
  if (!reader.ok()) return reader.error();
  const bool deletes = reader->TakeWord("DELETE");
  reader->NeedWord(deletes ? "FROM" : "UPDATE");
  const std::string table = reader->NeedTable();
  reader->UseTable(table);
  reader->RightsOn(table).deletes = deletes;
  if (!deletes) {
    reader->NeedWord("SET");
    reader->NeedAssignments();
  }
  reader->NeedWord("WHERE");
  reader->NeedExpression(/*stops_at_comma=*/false);
  return reader->Done();
}

Result<Sql> ParseColumn(const config::Site& site, std::string_view text) {
  Result<Reader> reader = Start(site, "{" + std::string(text) + "}");
  if (!reader.ok()) return reader.error();
  reader->NeedColumn(/*writes=*/false);
  return reader->Done();
}

Result<Mapping> ReadMapping(const config::Site& site) {
  for (const auto& [key, name] :
       {std::pair<std::string_view, const std::string*>{"database.schema", &site.schema},
        {"site.table", &site.table}}) {
    const Result<std::string> quoted = db::QuoteIdentifier(*name);
    if (!quoted.ok())
      return Error{Next::kFixSetup, std::string(key) + ": " + quoted.error().message};
  }
  Mapping mapping;
  if (auto read = ReadColumns(site, mapping); !read.ok()) return read.error();
  std::vector<Sql> joins;
  const std::array<
      std::tuple<std::string_view, const std::vector<std::string>*, Parse, std::vector<Sql>*>, 4>
      lists = {{{"site.joins", &site.joins, ParseJoin, &joins},
                {"site.active", &site.active, ParseCondition, &mapping.active},
                {"site.set", &site.set, ParseAssignment, &mapping.set},
                {"site.sessions", &site.sessions, ParseStatement, &mapping.sessions}}};
  for (const auto& [key, texts, parse, into] : lists) {
    if (auto read = ReadAll(site, key, *texts, parse, *into); !read.ok()) return read.error();
  }
  if (auto checked = CheckActive(site, mapping.active); !checked.ok()) return checked.error();
  mapping.from = Quote(site.schema) + "." + Quote(site.table);
  for (const Sql& join : joins) {
    if (!join.binds.empty()) return Wrong("site.joins: a value may not stand there");
    mapping.from += " " + join.text;
  }
  for (const auto* list : {&joins, &mapping.addresses, &mapping.active}) {
    for (const Sql& sql : *list) Merge(sql.rights, mapping.reading);
  }
  AddSwapRights(site, mapping);
  return mapping;
}

std::string ProcedureName(size_t index) { return "end_sessions_" + std::to_string(index + 1); }

std::vector<Value> Parameters(const Sql& statement) {
  std::vector<Value> values;
  for (const Value value : statement.binds) {
    if (std::find(values.begin(), values.end(), value) == values.end()) values.push_back(value);
  }
  return values;
}

std::string Declaration(Value value) {
  return "latchkey_" + std::string(NameOf(value).name) + " " + std::string(NameOf(value).type);
}

std::string Body(const Sql& statement) {
  std::string body;
  size_t bind = 0;
  for (const char c : statement.text) {
    body += c == '?' ? "latchkey_" + std::string(NameOf(statement.binds[bind++]).name)
                     : std::string(1, c);
  }
  return body;
}

}  // namespace latchkey::accounts
