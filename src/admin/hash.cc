#include <istream>
#include <iterator>
#include <ostream>

#include "admin/commands.h"
#include "base/secret.h"
#include "password/scheme.h"

namespace latchkey::admin {
namespace {

Secret ReadPassword(const Options& options, std::istream& in) {
  std::string bytes{std::istreambuf_iterator<char>(in), {}};
  if (options.contains("--line") && bytes.ends_with('\n')) bytes.pop_back();
  return Secret(std::move(bytes));
}

int Say(Io io, int status, const std::string& line) {
  io.err << line << "\n";
  return status;
}

// The scheme of --hash, or nullptr after a line that says so.
const password::Scheme* Recognise(const Options& options, Io io) {
  const auto* scheme = password::RecogniseScheme(options.at("--hash"));
  if (scheme == nullptr) io.err << "the stored hash is of no known scheme\n";
  return scheme;
}

// Why this scheme cannot take the password, or the empty text.
std::string Unfit(const password::Scheme& scheme, std::string_view password) {
  const size_t most = scheme.max_password_bytes();
  if (password.size() > most) {
    return "the password is longer than " + std::to_string(most) + " bytes";
  }
  const bool has_nul = password.find('\0') != std::string_view::npos;
  return has_nul && !scheme.takes_nul() ? "the password holds a NUL byte" : "";
}

}  // namespace

int MakeHash(const Options& options, Io io) {
  const auto* scheme = password::FindScheme(options.at("--scheme"));
  if (scheme == nullptr || !scheme->writes()) {
    return Say(io, kNotUnderstood, "no scheme of this name is written; see latchkey hash schemes");
  }
  const Secret password = ReadPassword(options, io.in);
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
  const auto* scheme = Recognise(options, io);
  if (scheme == nullptr) return kNotUnderstood;
  const Secret password = ReadPassword(options, io.in);
  return scheme->Verify(password.Reveal(), options.at("--hash")) ? kYes : kNo;
}

int DetectHash(const Options& options, Io io) {
  const auto* scheme = Recognise(options, io);
  if (scheme == nullptr) return kNotUnderstood;
  io.out << scheme->name() << "\n";
  return kYes;
}

int ListSchemes(const Options&, Io io) {
  for (const auto* scheme : password::AllSchemes()) {
    io.out << scheme->name() << (scheme->writes() ? "" : " (read only)") << "\n";
  }
  return kYes;
}

}  // namespace latchkey::admin
