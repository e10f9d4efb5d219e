// smtp.h -- one message over one connection to the relay
//
// The connection is kept between messages for a short while. Blocks up to the timeouts. One thread
// uses a Relay.

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
  std::chrono::seconds connect_timeout{10};
  std::chrono::seconds total_timeout{60};
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
  // REQUIRES: settings that CheckSettings takes.
  explicit Relay(Settings settings);
  ~Relay();

  // from: the envelope sender. message: complete, CRLF line ends.
  Reply Send(const mail::Address& from, const mail::Address& to, const std::string& message);

 private:
  struct Handle;
  Settings settings_;
  std::unique_ptr<Handle> handle_;
};

// What a transfer that is over says of the message. Pure.
struct Transfer {
  bool completed = false;     // the library saw 250 after the final dot
  bool began_mail = false;    // connected, greeted, encrypted, logged in: the relay judged the message
  bool sent_whole = false;    // the last byte of the message was handed over
  int response = 0;           // the relay's last reply code, 0 if none
};
Outcome Judge(const Transfer& transfer);

}  // namespace latchkey::smtp
