#include "db/errors.h"

#include <algorithm>
#include <iterator>

#include "base/text.h"
#include "db/db.h"

namespace latchkey::db {
namespace {

struct Known {
  int code;
  Meaning meaning;
};

constexpr Meaning kBusy{Next::kTryLater, Fate::kRefused, true};
constexpr Meaning kSetup{Next::kFixSetup, Fate::kRefused, true};
constexpr Meaning kData{Next::kFixInput, Fate::kRefused, true};
constexpr Meaning kQuotedData{Next::kFixInput, Fate::kRefused, false};
constexpr Meaning kGone{Next::kTryLater, Fate::kNotRun, true};
constexpr Meaning kLost{Next::kFindOut, Fate::kUnknown, true};

constexpr Known kKnown[] = {
    {0, kLost},         // misuse of the library: trust nothing about this connection
    {1021, kBusy},      // disk full
    {1037, kBusy},      // out of memory
    {1038, kBusy},      // out of sort memory
    {1040, kBusy},      // too many connections
    {1041, kBusy},      // out of resources
    {1044, kSetup},     // access denied to database
    {1045, kSetup},     // access denied, password
    {1047, kGone},      // unknown command; Galera: node not ready
    {1048, kData},      // column cannot be null
    {1049, kSetup},     // unknown database
    {1053, kLost},      // server shutdown in progress
    {1054, kSetup},     // unknown column
    {1062, kQuotedData},  // duplicate entry
    {1064, kSetup},     // syntax
    {1114, kBusy},      // table is full
    {1129, kBusy},      // host is blocked
    {1130, kSetup},     // host may not connect
    {1142, kSetup},     // command denied on table
    {1143, kSetup},     // command denied on column
    {1146, kSetup},     // no such table
    {1153, kLost},      // packet too large: the server hangs up
    {1158, kLost}, {1159, kLost}, {1160, kLost}, {1161, kLost},  // communication
    {1180, kLost},      // error during COMMIT
    {1203, kBusy},      // too many connections of this user
    {1205, kBusy},      // lock wait timeout
    {1213, kBusy},      // deadlock
    {1226, kBusy},      // a resource limit of this user
    {1227, kSetup},     // needs a privilege
    {1243, kGone},      // unknown prepared statement
    {1264, kData},      // out of range
    {1267, {Next::kFixInput, Fate::kRefused, true}},  // illegal mix of collations
    {1290, kBusy},      // --read-only: a replica; a failover may be under way
    {1292, kQuotedData},  // truncated incorrect value
    {1317, kLost},      // interrupted
    {1364, kSetup},     // a field without default
    {1366, kQuotedData},  // incorrect string value
    {1370, kSetup},     // routine denied
    {1406, kData},      // data too long
    {1615, kGone},      // must be prepared again
    {1698, kSetup},     // access denied, socket
    {1792, kBusy},      // read-only transaction
    {1820, kSetup},     // password must be changed first
    {1836, kBusy},      // read-only mode
    {1862, kSetup},     // password expired
    {1927, kLost},      // killed
    {1969, kLost},      // statement time limit
    {2002, kGone}, {2003, kGone}, {2005, kGone},  // nobody there
    {2006, kGone},      // known to be gone before the statement was out
    {2026, {Next::kFixSetup, Fate::kNotRun, true}},  // TLS
    {2054, {Next::kFixSetup, Fate::kNotRun, true}},  // authentication method unknown here
    {2058, {Next::kFixSetup, Fate::kNotRun, true}},
    {2059, {Next::kFixSetup, Fate::kNotRun, true}},
    {3024, kLost},      // statement time limit
    {3118, kSetup},     // account locked (MySQL)
    {4031, kGone},      // hung up on for idleness
    {4151, kSetup},     // account locked (MariaDB)
};

static_assert(std::is_sorted(std::begin(kKnown), std::end(kKnown),
                             [](const Known& a, const Known& b) { return a.code < b.code; }));

}  // namespace

Meaning MeaningOf(int code) {
  const auto* const found =
      std::lower_bound(std::begin(kKnown), std::end(kKnown), code,
                       [](const Known& known, int wanted) { return known.code < wanted; });
  if (found != std::end(kKnown) && found->code == code) return found->meaning;
  if (code >= 2000 && code < 3000) return kLost;
  // The server refused for a reason we did not foresee; its text may quote anything.
  return {Next::kFixSetup, Fate::kRefused, false};
}

bool IsDeadlock(int code) { return code == 1213; }

bool WasUndone(int code) { return IsDeadlock(code) || code == 1205; }

Error ErrorOf(int code, std::string_view text) {
  const Meaning meaning = MeaningOf(code);
  std::string message = "MySQL error " + std::to_string(code);
  if (meaning.shows_text && !text.empty()) message += ": " + EscapeControls(text);
  return {meaning.next, std::move(message)};
}

bool IsDuplicate(const Error& error) { return error.message == "MySQL error 1062"; }

}  // namespace latchkey::db
