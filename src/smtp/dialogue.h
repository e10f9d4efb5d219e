// dialogue.h -- one message in the words of SMTP (RFC 5321), over any wire
//
// MAIL, RCPT, DATA, the message, its final dot; RSET after a refusal, so that the connection serves the
// next. The three commands go out at once where the relay has PIPELINING (RFC 2920). A reply is judged by its first digit, as RFC 5321 section 4.3.2 asks. What is no reply (garbage,
// an endless line, silence) ends the connection: nothing on it can be believed after that. What a relay
// says is not kept but for its code, since it may quote addresses.

#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "smtp/smtp.h"

namespace latchkey::smtp {

enum class Wait {
  kCommand,  // for the next reply
  kMessage,  // for the reply to a whole message: RFC 5321 section 4.5.3.2.6 asks for patience
};

// A connection on which EHLO, TLS and login are done. Send and Receive block up to the wire's own
// deadline.
class Wire {
 public:
  virtual ~Wire() = default;
  // The deadline is that of this wait, from now on.
  virtual void Allow(Wait wait) = 0;
  // How many of the bytes were handed over: all, or the connection is lost.
  virtual size_t Send(std::string_view bytes) = 0;
  // Some bytes; empty: the connection is lost, or the time is up.
  virtual std::string Receive() = 0;
};

// What the relay has.
struct Extensions {
  bool utf8 = false;        // SMTPUTF8, RFC 6531
  bool pipelining = false;  // RFC 2920
};

class Dialogue {
 public:
  // The wire outlives this object.
  explicit Dialogue(Wire& wire) : wire_(wire) {}

  // message: whole, CRLF line ends. used: the extensions to use; utf8: MAIL asks for it. Nothing is sent
  // where an address or the message could be read in two ways.
  Reply SendMessage(const std::string& from, const std::string& to, const std::string& message,
                    const Extensions& used);
  // Whether the connection may be used again.
  bool is_usable() const { return usable_; }
  // The connection was lost before the relay said a word to this message: on another one it may go.
  bool was_stale() const { return stale_; }

 private:
  using Envelope = std::array<std::string, 3>;  // MAIL, RCPT, DATA

  // The code of the next reply; 0: there is none, and the connection is not usable any more. expected:
  // how many are to follow.
  int ReadReply(size_t expected = 0);
  bool SendAll(const std::string& bytes);
  int Command(const std::string& line);
  std::optional<std::string> TakeLine();
  Reply Refuse(int code, std::string_view step);
  // The refusal, or nothing: the message may follow.
  std::optional<Reply> AskInTurn(const Envelope& commands);
  std::optional<Reply> AskAtOnce(const Envelope& commands);
  void EndUnwantedData(bool no_recipient);
  Reply SendBody(const std::string& message);

  Wire& wire_;
  std::string received_;  // and not yet taken
  bool usable_ = true;
  bool stale_ = false;
};

// Each line that begins with a dot gets one more (RFC 5321 section 4.5.2), and the final dot is added.
std::string Stuffed(const std::string& message);

}  // namespace latchkey::smtp
