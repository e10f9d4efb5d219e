// errors.h -- what a MySQL or MariaDB error code means to the caller
//
// Pure: a code in, a meaning out. Client codes are 2000 and up to 2999, the server's are the rest.

#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace latchkey::db {

// What became of the connection and of the statement that met the error.
enum class Fate {
  kRefused,  // the server said no; the connection stands
  kNotRun,   // the connection (or the prepared statement) is gone and the statement did not run
  kUnknown,  // the connection is gone and the statement may have run
};

struct Meaning {
  Next next;
  Fate fate;
  bool shows_text;  // the server's text for this code quotes no value of ours
};

Meaning MeaningOf(int code);

// 1213: the server undid it so that another could go on, and it may be tried again at once.
bool IsDeadlock(int code);

// That, or 1205, a lock that was not had in time: whoever tried again would wait as long again.
bool WasUndone(int code);

// "MySQL error 1146: Table 'site.users' doesn't exist"; without the text where it could quote a
// value.
Error ErrorOf(int code, std::string_view text);

}  // namespace latchkey::db
