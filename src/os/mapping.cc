#include "os/mapping.h"

#include <fcntl.h>
#include <linux/mman.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "base/unique_fd.h"

namespace latchkey::os {
namespace {

Error Problem(Next next, const std::string& path, const char* what, int error) {
  return {next, path + ": " + what + ": " + std::strerror(error)};
}

constexpr size_t kHugePage = 2 << 20;

// Where a mapping can have huge pages: at a multiple of their size. nullptr: anywhere.
void* FindRoom(size_t size_bytes) {
  const size_t spare = size_bytes + kHugePage;
  void* room = mmap(nullptr, spare, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (room == MAP_FAILED) return nullptr;
  munmap(room, spare);
  const auto address = reinterpret_cast<uintptr_t>(room);
  return reinterpret_cast<void*>((address + kHugePage - 1) / kHugePage * kHugePage);
}

Result<std::span<std::byte>> MapShared(const UniqueFd& fd, const std::string& path,
                                       size_t size_bytes) {
  void* room = size_bytes >= kHugePage ? FindRoom(size_bytes) : nullptr;
  void* address = mmap(room, size_bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd.get(), 0);
  if (address == MAP_FAILED) return Problem(Next::kFixSetup, path, "cannot be mapped", errno);
  return std::span(static_cast<std::byte*>(address), size_bytes);
}

std::string TemporaryName(const std::string& path) { return path + "." + std::to_string(getpid()); }

}  // namespace

Result<Mapping> Mapping::OpenOrPublish(const std::string& path, size_t size_bytes,
                                       const Fits& fits, const Fill& fill) {
  const auto look = [&](bool replace) -> Result<Mapping> {
    Result<Mapping> opened = Open(path, size_bytes);
    if (opened.ok() && fits(opened->bytes())) return opened;
    if (!opened.ok() && opened.error().next == Next::kFixSetup) return opened;
    return Publish(path, size_bytes, replace, fill);
  };
  Result<Mapping> first = look(false);
  if (first.ok() || first.error().next == Next::kFixSetup) return first;
  return look(true);
}

Result<Mapping> Mapping::Open(const std::string& path, size_t size_bytes) {
  const UniqueFd fd(open(path.c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW));
  if (!fd.valid()) {
    const Next next = errno == ENOENT ? Next::kFixInput : Next::kFixSetup;
    return Problem(next, path, "cannot be opened", errno);
  }
  struct stat facts {};
  if (fstat(fd.get(), &facts) != 0 || !S_ISREG(facts.st_mode)) {
    return Error{Next::kFixSetup, path + ": is not a regular file; remove it"};
  }
  // Another user's file could be cut short under us, which is SIGBUS.
  if (facts.st_uid != geteuid()) {
    return Error{Next::kFixSetup, path + ": belongs to another user; remove it"};
  }
  if (static_cast<uint64_t>(facts.st_size) != size_bytes) {
    return Error{Next::kFixInput, path + ": has another size"};
  }
  Result<std::span<std::byte>> bytes = MapShared(fd, path, size_bytes);
  if (!bytes.ok()) return bytes.error();
  return Mapping(*bytes);
}

Result<Mapping> Mapping::Publish(const std::string& path, size_t size_bytes, bool replace,
                                 const Fill& fill) {
  const std::string temporary = TemporaryName(path);
  unlink(temporary.c_str());  // left by a process of our number that was killed here
  const UniqueFd fd(open(temporary.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!fd.valid()) return Problem(Next::kFixSetup, temporary, "cannot be made", errno);

  // ftruncate would succeed on a full tmpfs and the first touch be SIGBUS.
  const int reserved = posix_fallocate(fd.get(), 0, static_cast<off_t>(size_bytes));
  if (reserved != 0) {
    unlink(temporary.c_str());
    return Problem(Next::kFixSetup, path, "no space for the table", reserved);
  }
  Result<std::span<std::byte>> bytes = MapShared(fd, path, size_bytes);
  if (!bytes.ok()) {
    unlink(temporary.c_str());
    return bytes.error();
  }
  Mapping mapping(*bytes);
  fill(mapping.bytes());

  if (replace) {
    if (rename(temporary.c_str(), path.c_str()) == 0) return mapping;
    const int error = errno;
    unlink(temporary.c_str());
    return Problem(Next::kFixSetup, path, "cannot be replaced", error);
  }
  const int linked = link(temporary.c_str(), path.c_str());
  const int error = errno;
  unlink(temporary.c_str());
  if (linked == 0) return mapping;
  return Problem(error == EEXIST ? Next::kFixInput : Next::kFixSetup, path, "cannot be named", error);
}

void Mapping::UseHugePages() {
  madvise(bytes_.data(), bytes_.size(), MADV_COLLAPSE);
}

Mapping::~Mapping() {
  if (!bytes_.empty()) munmap(bytes_.data(), bytes_.size());
}

std::string BootId() {
  std::ifstream file("/proc/sys/kernel/random/boot_id");
  std::string id;
  std::getline(file, id);
  return id;
}

void RemoveOfEarlierBoots(const std::string& prefix, size_t characters,
                          const std::function<bool(const std::string& path)>& is_old) {
  const std::filesystem::path path(prefix);
  const std::string begin = path.filename().string() + ".";
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator(path.parent_path(), ignored)) {
    const std::string name = entry.path().filename().string();
    if (!name.starts_with(begin) || name.size() != begin.size() + characters) continue;
    if (entry.is_regular_file(ignored) && is_old(entry.path().string())) {
      std::filesystem::remove(entry.path(), ignored);
    }
  }
}

}  // namespace latchkey::os
