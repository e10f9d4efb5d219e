// A configuration of any bytes: taken, or refused with file, line and key.

#include "config/file.h"
#include "fuzz/fuzz.h"

using namespace latchkey;

FUZZ(configuration) {
  const auto file = config::File::Parse(input, "f.toml");
  if (file.ok()) {
    CHECK(file->Has("base_url"));
    return;
  }
  CHECK(file.error().message.starts_with("f.toml"));
}
