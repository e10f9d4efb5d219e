// mapping.h -- a file mapped into memory and shared by every process that opens it

#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <string>
#include <utility>

#include "base/result.h"

namespace latchkey::os {

class Mapping {
 public:
  using Fits = std::function<bool(std::span<const std::byte>)>;
  using Fill = std::function<void(std::span<std::byte>)>;

  // Opens the file at `path`, or makes it, whoever comes first. A file of that name that does not fit,
  // in its size or in what it holds, was damaged: it is replaced, but only after a second look, since
  // a good one may have taken the name between our look and our link. `fill` may be called twice.
  // kFixSetup is the only error.
  static Result<Mapping> OpenOrPublish(const std::string& path, size_t size_bytes, const Fits& fits,
                                       const Fill& fill);

  // Maps the whole file at `path` for reading and writing. kFixInput: there is none, or it is not
  // size_bytes long. kFixSetup: it is there but may not be opened or is not a regular file of ours.
  static Result<Mapping> Open(const std::string& path, size_t size_bytes);

  Mapping(Mapping&& other) noexcept : bytes_(std::exchange(other.bytes_, {})) {}
  Mapping& operator=(Mapping&&) = delete;
  ~Mapping();

  std::span<std::byte> bytes() const { return bytes_; }

  // Asks for pages of 2 MiB, so that what is read here and there is found by fewer looks into page
  // tables. Linux 6.1 can on any tmpfs, however that is mounted; elsewhere nothing happens. Takes as
  // long as copying the file once, the first time.
  void UseHugePages();

 private:
  // Makes a file of size_bytes zeros, lets `fill` write to it while nobody else can see it, and gives
  // it its name. Space is reserved first: a full disk is kFixSetup now, not SIGBUS later. kFixInput:
  // somebody else was faster and the name is taken; with `replace`, the name moves to the new file.
  static Result<Mapping> Publish(const std::string& path, size_t size_bytes, bool replace,
                                 const Fill& fill);

  explicit Mapping(std::span<std::byte> bytes) : bytes_(bytes) {}
  std::span<std::byte> bytes_;
};

// Differs after a restart of the machine; empty if the system does not say.
std::string BootId();

// Removes the regular files "<prefix>.<so many characters>" of which is_old, told their path, says
// that they are of an earlier boot: no process that used them can be alive.
void RemoveOfEarlierBoots(const std::string& prefix, size_t characters,
                          const std::function<bool(const std::string& path)>& is_old);

}  // namespace latchkey::os
