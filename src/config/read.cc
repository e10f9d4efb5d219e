#include "config/read.h"

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>

namespace latchkey::config {
namespace {

std::string Reason(int error) {
  return "cannot be read (" + std::string(std::strerror(error)) + ")";
}

std::string Permissions(const std::string& path) {
  std::error_code error;
  const auto status = std::filesystem::status(path, error);
  if (error && status.type() != std::filesystem::file_type::not_found) return Reason(error.value());
  if (status.type() == std::filesystem::file_type::not_found) return "is not there; make it";
  if (status.type() != std::filesystem::file_type::regular) return "is no regular file; name one";
  using std::filesystem::perms;
  constexpr perms kOthers = perms::others_read | perms::others_write;
  if ((status.permissions() & kOthers) == perms::none) return "";
  return "is open to every user; chmod o-rwx it";
}

}  // namespace

std::string ReadSmallFile(const std::string& path, std::string& bytes) {
  std::ifstream stream;
  // Without a buffer of the stream's own, no copy of a secret stays behind.
  stream.rdbuf()->pubsetbuf(nullptr, 0);
  errno = 0;
  stream.open(path, std::ios::binary);
  if (!stream.is_open()) return Reason(errno);
  std::error_code error;
  const auto size = std::filesystem::file_size(path, error);
  if (error) return Reason(error.value());
  if (size > kMaxFileBytes) return "is too large; it takes at most 1 MiB";
  bytes.resize(size);
  stream.read(bytes.data(), static_cast<std::streamsize>(size));
  if (stream.bad() || static_cast<size_t>(stream.gcount()) != size) return Reason(errno);
  return "";
}

Result<Secret> ReadSecretFile(const std::string& path, size_t least_bytes) {
  std::string problem = Permissions(path);
  std::string bytes;
  if (problem.empty()) problem = ReadSmallFile(path, bytes);
  if (problem.empty() && bytes.ends_with('\n')) bytes.pop_back();
  if (problem.empty() && bytes.empty()) {
    problem = "is empty; write the secret into it";
  } else if (problem.empty() && bytes.size() < least_bytes) {
    problem = "holds fewer than " + std::to_string(least_bytes) +
              " bytes; make it with: openssl rand -base64 48";
  }
  Secret secret(std::move(bytes));
  if (!problem.empty()) return Error{Next::kFixSetup, path + " " + problem};
  return secret;
}

}  // namespace latchkey::config
