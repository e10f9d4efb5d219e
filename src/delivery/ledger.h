// ledger.h -- what was sent and is perhaps not yet marked in the database
//
// Between the relay's 250 and the mark in the outbox lies the one moment in which a mail can be sent
// twice. All threads of a mailer look here before they send: a note whose mark failed, because the
// database was away, comes back by its lease to one of them and is then marked and not sent again. It
// does not outlive the process; after a crash the Message-ID is what tells a repetition.

#pragma once

#include <chrono>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "base/clock.h"

namespace latchkey::delivery {

class Ledger {
 public:
  // A note older than max_age is not sent anyway, so an entry lives as long as that. The clock outlives
  // this object.
  Ledger(std::chrono::seconds max_age, const Clock& clock) : life_(max_age), clock_(clock) {}

  void Enter(const std::string& note_id);
  bool Holds(const std::string& note_id);
  // They are marked now.
  void Strike(const std::vector<std::string>& note_ids);

 private:
  void DropOld();

  const std::chrono::seconds life_;
  const Clock& clock_;
  std::mutex mutex_;
  std::map<std::string, std::chrono::milliseconds> sent_;  // by note; when, since boot
};

}  // namespace latchkey::delivery
