#include <algorithm>
#include <istream>
#include <iterator>
#include <ostream>

#include "admin/commands.h"
#include "base/secret.h"
#include "config/config.h"
#include "password/prepare.h"
#include "password/scheme.h"

namespace latchkey::admin {
namespace {

using password::Preparation;
using password::Scheme;

// A way in which a password may have become a stored text.
struct Way {
  Preparation prepare;
  std::vector<const Scheme*> schemes;
};

Secret ReadPassword(const Options& options, std::istream& in) {
  std::string bytes{std::istreambuf_iterator<char>(in), {}};
  if (options.contains("--line") && bytes.ends_with('\n')) bytes.pop_back();
  return Secret(std::move(bytes));
}

int Say(Io io, int status, const std::string& line) {
  io.err << line << "\n";
  return status;
}

int NotRecognised(Io io) {
  return Say(io, kNotUnderstood, "the stored hash is of no known scheme");
}

std::string ValueOf(const Options& options, std::string_view name) {
  const auto given = options.find(name);
  return given == options.end() ? "" : given->second;
}

// --hash, and --salt behind it as a table with a column for it has both.
std::string StoredOf(const Options& options) {
  const std::string salt = ValueOf(options, "--salt");
  return salt.empty() ? options.at("--hash") : options.at("--hash") + ":" + salt;
}

// All, those that describe themselves first.
std::vector<const Scheme*> ByCertainty() {
  std::vector<const Scheme*> schemes = password::AllSchemes();
  std::stable_partition(schemes.begin(), schemes.end(),
                        [](const Scheme* scheme) { return scheme->self_describing(); });
  return schemes;
}

// As it was typed; behind the login, if one is given; with the key on either side, if there is one.
std::vector<Way> Guesses(const Options& options) {
  const std::vector<const Scheme*> schemes = ByCertainty();
  std::vector<Way> ways;
  const auto add = [&](const std::vector<std::string>& steps, std::string key) {
    ways.push_back({Preparation::Make(steps, Secret(std::move(key))).value(), schemes});
  };
  const std::string key = ValueOf(options, "--key");
  if (!ValueOf(options, "--login").empty()) add({"lower-login-prefix"}, "");
  if (!key.empty()) add({"key-prefix"}, key);
  if (!key.empty()) add({"key-suffix"}, key);
  add({}, "");
  return ways;
}

// As the preset's site does it at a version; empty: the one it assumes.
Result<Way> PresetWay(const Options& options, std::string_view version) {
  const auto site =
      config::LoadPreset(ValueOf(options, "--preset"), version, ValueOf(options, "--presets"));
  if (!site.ok()) return site.error();
  Result<Preparation> prepare =
      Preparation::Make(site->prepare, Secret(ValueOf(options, "--key")));
  if (!prepare.ok()) return Error{Next::kFixInput, "the preset: " + prepare.error().message};
  Way way{std::move(*prepare), {}};
  for (const Scheme* scheme : ByCertainty()) {
    const auto& reads = site->reads;
    const bool is_listed = scheme->name() == site->scheme ||
                           std::find(reads.begin(), reads.end(), scheme->name()) != reads.end();
    if (is_listed || (reads.empty() && scheme->self_describing())) way.schemes.push_back(scheme);
  }
  return way;
}

// For a preset: the version that it assumes and the last, since the table may hold either's.
Result<std::vector<Way>> Ways(const Options& options) {
  if (!options.contains("--preset")) return Guesses(options);
  std::vector<Way> ways;
  for (const std::string_view version : {"", "999"}) {
    Result<Way> way = PresetWay(options, version);
    if (!way.ok()) return way.error();
    ways.push_back(std::move(*way));
  }
  return ways;
}

// Why this scheme cannot take the password, or the empty text.
std::string Unfit(const Scheme& scheme, std::string_view password) {
  const size_t most = scheme.max_password_bytes();
  if (password.size() > most) {
    return "the password is longer than " + std::to_string(most) + " bytes";
  }
  const bool has_nul = password.find('\0') != std::string_view::npos;
  return has_nul && !scheme.takes_nul() ? "the password holds a NUL byte" : "";
}

}  // namespace

int MakeHash(const Options& options, Io io) {
  const Scheme* const scheme = password::FindScheme(options.at("--scheme"));
  if (scheme == nullptr || !scheme->writes()) {
    return Say(io, kNotUnderstood, "no scheme of this name is written; see latchkey hash schemes");
  }
  const auto ways = Ways(options);
  if (!ways.ok()) return Say(io, kNotUnderstood, ways.error().message);
  const Way& way = ways->front();
  const Secret password = way.prepare.Apply(ReadPassword(options, io.in).Reveal(),
                                            ValueOf(options, "--login"), scheme->name());
  const std::string unfit = Unfit(*scheme, password.Reveal());
  if (!unfit.empty()) {
    return Say(io, kNo, unfit + "; " + std::string(scheme->name()) + " does not take that");
  }
  const auto hash = scheme->Make(password.Reveal());
  if (!hash.ok()) return Say(io, kNo, hash.error().message);
  io.out << *hash << "\n";
  return kYes;
}

int VerifyHash(const Options& options, Io io) {
  const std::string stored = StoredOf(options), login = ValueOf(options, "--login");
  const auto ways = Ways(options);
  if (!ways.ok()) return Say(io, kNotUnderstood, ways.error().message);
  const Secret password = ReadPassword(options, io.in);
  bool recognised = false;
  for (const Way& way : *ways) {
    for (const Scheme* scheme : way.schemes) {
      if (!scheme->Recognises(stored)) continue;
      recognised = true;
      const Secret prepared = way.prepare.Apply(password.Reveal(), login, scheme->name());
      if (scheme->Verify(prepared.Reveal(), stored)) return kYes;
    }
  }
  return recognised ? kNo : NotRecognised(io);
}

int DetectHash(const Options& options, Io io) {
  const std::string stored = StoredOf(options);
  for (const Scheme* scheme : ByCertainty()) {
    if (!scheme->Recognises(stored)) continue;
    io.out << scheme->name() << "\n";
    return kYes;
  }
  return NotRecognised(io);
}

int ListSchemes(const Options&, Io io) {
  for (const Scheme* scheme : password::AllSchemes()) {
    io.out << scheme->name() << (scheme->writes() ? "" : " (read only)") << "\n";
  }
  return kYes;
}

}  // namespace latchkey::admin
