#include "smtp/dialogue.h"

#include <algorithm>

#include "base/text.h"

namespace latchkey::smtp {
namespace {

// RFC 5321 section 4.5.3.1.5 allows 512 bytes a line; relays write more.
constexpr size_t kMostReplyBytes = 16 * 1024;
constexpr size_t kMostReplyLines = 100;

// Of the replies to MAIL, RCPT and DATA that lead on.
constexpr std::array kLeadsOn = {2, 2, 3};
constexpr std::array<std::string_view, 3> kSteps = {"MAIL", "RCPT", "DATA"};

int KindOf(int code) { return code / 100; }

// Refusals of us and not of the message (RFC 4954 section 6): the administrator's to mend.
bool IsAboutLogin(int code) { return code == 530 || code == 534 || code == 535 || code == 538; }

// What would end a command or the brackets around the address.
bool IsSafe(const std::string& address) {
  return !address.empty() && !HasControls(address) &&
         address.find_first_of("<> ") == std::string::npos;
}

// Every CR has its LF and every LF its CR: a relay may take either alone for the end of a line.
bool HasWholeLineEnds(const std::string& message) {
  for (size_t i = 0; i < message.size(); ++i) {
    if (message[i] == '\r' && (i + 1 == message.size() || message[i + 1] != '\n')) return false;
    if (message[i] == '\n' && (i == 0 || message[i - 1] != '\r')) return false;
  }
  return message.ends_with("\r\n");
}

// "250", "250-text", "250 text"; 0: no line of a reply.
int CodeOf(std::string_view line) {
  const bool has_code = line.size() >= 3 && line[0] >= '2' && line[0] <= '5' &&
                        std::all_of(line.begin() + 1, line.begin() + 3,
                                    [](char c) { return c >= '0' && c <= '9'; });
  if (!has_code || (line.size() > 3 && line[3] != ' ' && line[3] != '-')) return 0;
  return (line[0] - '0') * 100 + (line[1] - '0') * 10 + (line[2] - '0');
}

}  // namespace

std::string Stuffed(const std::string& message) {
  std::string stuffed(message.starts_with('.') ? "." : "");
  stuffed.reserve(message.size() + 8);
  size_t copied = 0;
  for (size_t end = 0; (end = message.find("\n.", end)) != std::string::npos;) {
    stuffed.append(message, copied, ++end - copied).append(".");
    copied = end;
  }
  return stuffed.append(message, copied).append(".\r\n");
}

std::optional<std::string> Dialogue::TakeLine() {
  size_t end = 0;
  while ((end = received_.find('\n')) == std::string::npos) {
    if (received_.size() > kMostReplyBytes) return std::nullopt;
    const std::string more = wire_.Receive();
    if (more.empty()) return std::nullopt;
    received_ += more;
  }
  std::string line = received_.substr(0, end);
  received_.erase(0, end + 1);
  if (line.ends_with('\r')) line.pop_back();
  return line;
}

int Dialogue::ReadReply(size_t expected) {
  int code = 0;
  for (size_t lines = 0; lines < kMostReplyLines; ++lines) {
    const std::optional<std::string> line = TakeLine();
    const int this_code = line ? CodeOf(*line) : 0;
    if (this_code == 0 || (code != 0 && this_code != code)) break;
    code = this_code;
    if (line->size() > 3 && (*line)[3] == '-') continue;
    // The relay hangs up after a 421; what it says unasked would be taken for the next reply.
    if (code == 421 || (expected == 0 && !received_.empty())) usable_ = false;
    return code;
  }
  usable_ = false;
  return 0;
}

bool Dialogue::SendAll(const std::string& bytes) {
  if (wire_.Send(bytes) == bytes.size()) return true;
  usable_ = false;
  return false;
}

int Dialogue::Command(const std::string& line) { return SendAll(line + "\r\n") ? ReadReply() : 0; }

// The reply to a step is not the one that leads on.
Reply Dialogue::Refuse(int code, std::string_view step) {
  const bool for_good = KindOf(code) == 5 && !IsAboutLogin(code);
  const bool is_refusal = KindOf(code) >= 4;
  if (!is_refusal) usable_ = false;  // a reply that makes no sense here
  if (usable_ && KindOf(Command("RSET")) != 2) usable_ = false;
  const std::string what = is_refusal  ? std::to_string(code)
                           : code == 0 ? std::string("no reply")
                                       : "a reply out of place, " + std::to_string(code) + ",";
  return {for_good ? Outcome::kRefused : Outcome::kTryLater, what + " to " + std::string(step)};
}

Reply Dialogue::SendMessage(const std::string& from, const std::string& to,
                            const std::string& message, const Extensions& used) {
  if (!IsSafe(from) || !IsSafe(to)) return {Outcome::kRefused, "an address that is not sent to"};
  if (!HasWholeLineEnds(message)) return {Outcome::kRefused, "a message with broken line ends"};
  const Envelope commands = {"MAIL FROM:<" + from + ">" + (used.utf8 ? " SMTPUTF8" : ""),
                             "RCPT TO:<" + to + ">", "DATA"};
  const std::optional<Reply> refusal = used.pipelining ? AskAtOnce(commands) : AskInTurn(commands);
  return refusal ? *refusal : SendBody(message);
}

std::optional<Reply> Dialogue::AskInTurn(const Envelope& commands) {
  for (size_t step = 0; step < commands.size(); ++step) {
    const int code = Command(commands[step]);
    if (step == 0) stale_ = code == 0 && received_.empty();
    if (KindOf(code) != kLeadsOn[step] || !usable_) return Refuse(code, kSteps[step]);
  }
  return std::nullopt;
}

// The first refusal is what counts: those after it follow from it.
std::optional<Reply> Dialogue::AskAtOnce(const Envelope& commands) {
  std::array<int, 3> codes{};
  if (SendAll(commands[0] + "\r\n" + commands[1] + "\r\n" + commands[2] + "\r\n")) {
    for (size_t step = 0; step < codes.size() && usable_; ++step) {
      codes[step] = ReadReply(codes.size() - 1 - step);
    }
  }
  stale_ = codes[0] == 0 && received_.empty();
  for (size_t step = 0; step < codes.size(); ++step) {
    const bool leads_on = KindOf(codes[step]) == kLeadsOn[step];
    if (leads_on && (usable_ || step + 1 < codes.size())) continue;
    if (step < 2 && KindOf(codes[2]) == 3) EndUnwantedData(KindOf(codes[1]) >= 4);
    return Refuse(codes[step], kSteps[step]);
  }
  return std::nullopt;
}

// DATA was taken although what came before was not. With no recipient a dot ends that (RFC 2920 section
// 3.1); with one it would be an empty mail.
void Dialogue::EndUnwantedData(bool no_recipient) {
  if (no_recipient && usable_) {
    Command(".");
  } else {
    usable_ = false;
  }
}

Reply Dialogue::SendBody(const std::string& message) {
  if (!SendAll(Stuffed(message))) {
    // Without its final dot no relay may take it.
    return {Outcome::kTryLater, "the connection was lost within the message"};
  }
  wire_.Allow(Wait::kMessage);
  const int code = ReadReply();
  wire_.Allow(Wait::kCommand);
  if (KindOf(code) == 2) return {Outcome::kAccepted, std::to_string(code) + " accepted"};
  if (KindOf(code) >= 4) return Refuse(code, "the message");
  usable_ = false;
  return {Outcome::kUnknown, "no answer after the message"};
}

}  // namespace latchkey::smtp
