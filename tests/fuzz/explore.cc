// explore.cc -- libFuzzer's way in; LATCHKEY_FUZZ names the target

#include <cstdint>
#include <cstdio>
#include <cstdlib>

#include "base/log.h"
#include "fuzz/fuzz.h"

namespace {

latchkey::fuzz::Body Chosen() {
  latchkey::log::Start("fuzz", latchkey::log::Target::kStderr, latchkey::log::Level::kNone);
  const char* name = std::getenv("LATCHKEY_FUZZ");
  const auto found = latchkey::fuzz::Targets().find(name == nullptr ? "" : name);
  if (found != latchkey::fuzz::Targets().end()) return found->second;
  std::fputs("LATCHKEY_FUZZ names no target; there are:", stderr);
  for (const auto& target : latchkey::fuzz::Targets()) {
    std::fprintf(stderr, " %s", target.first.c_str());
  }
  std::fputs("\n", stderr);
  std::exit(2);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size_bytes) {
  static const latchkey::fuzz::Body body = Chosen();
  body({reinterpret_cast<const char*>(data), size_bytes});
  return 0;
}
