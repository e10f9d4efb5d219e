// smtp.h -- one message over one connection to the relay
//
// libcurl connects, encrypts, verifies and logs in; the messages then are a dialogue of our own
// (dialogue.h), which sees each reply. The connection is kept between messages for a short while.
// Blocks up to the timeout. One thread at a time uses a Relay.

#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "base/result.h"
#include "base/secret.h"
#include "mail/address.h"

namespace latchkey::smtp {

enum class Tls {
  kNone,      // plaintext: only towards this host (127.0.0.0/8, ::1, localhost); AUTH is refused
  kStartTls,  // port 587, 25: must succeed, certificate verified
  kImplicit,  // port 465: TLS from the first byte, certificate verified
};

struct Settings {
  std::string host;
  int port = 25;
  Tls tls = Tls::kNone;
  std::string ca_file;   // empty: the system's
  std::string user;      // empty: no AUTH
  Secret password;
  std::string helo;      // our name in EHLO
  std::chrono::seconds timeout{60};  // of one message up to its final dot, connecting included
  std::chrono::seconds answer_timeout{600};  // of the reply to that dot
};

enum class Outcome {
  kAccepted,  // 250 after the final dot
  kTryLater,  // 4xx, no connection, or TLS failed: nothing was accepted
  kRefused,   // 5xx: this message will not be taken
  kUnknown,   // the connection went after the final dot: it may have been taken; repeat with the same Message-ID
};

struct Reply {
  Outcome outcome;
  std::string reason;  // one line for the log: code and what failed; never an address or a login
};

// kFixSetup: plaintext or a login towards another host in clear, a control character.
Status CheckSettings(const Settings& settings);

// Once, in main, before threads.
void InitialiseLibrary();

class Relay {
 public:
  // REQUIRES: settings that CheckSettings takes; they outlive this object. Does not connect yet.
  explicit Relay(const Settings& settings);
  ~Relay();

  // from: the envelope sender. message: complete, CRLF line ends. Takes at most settings.timeout up to
  // the final dot, settings.answer_timeout for its reply and settings.timeout to take back what was
  // refused.
  Reply Send(const mail::Address& from, const mail::Address& to, const std::string& message);

 private:
  class Connection;
  struct Mail {
    const mail::Address& from;
    const mail::Address& to;
    const std::string& message;
  };
  Reply SendOnce(const Mail& mail, std::chrono::steady_clock::time_point deadline, bool* stale);

  const Settings& settings_;
  std::unique_ptr<Connection> connection_;  // kept; nullptr: none
};

}  // namespace latchkey::smtp
