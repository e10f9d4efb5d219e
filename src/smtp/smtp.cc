#include "smtp/smtp.h"

#include <curl/curl.h>
#include <poll.h>

#include <algorithm>
#include <optional>

#include "base/check.h"
#include "base/ip.h"
#include "base/text.h"
#include "os/socket.h"
#include "smtp/dialogue.h"

namespace latchkey::smtp {
namespace {

using SteadyClock = std::chrono::steady_clock;

// A relay that hangs up on idle clients must not do so while a message is on its way.
constexpr std::chrono::seconds kReuse{20};
// What a QUIT may cost a relay that hangs.
constexpr std::chrono::milliseconds kGoodBye{50};

bool IsLoopback(const std::string& host) {
  if (host == "localhost") return true;
  const std::optional<IpAddress> address = IpAddress::Parse(host);
  if (!address) return false;
  if (address->is_v4()) return address->bytes()[0] == 127;
  return address == IpAddress::Parse("::1");
}

std::string Url(const Settings& settings) {
  const bool is_v6 = settings.host.find(':') != std::string::npos;
  return std::string(settings.tls == Tls::kImplicit ? "smtps://" : "smtp://") +
         (is_v6 ? "[" + settings.host + "]" : settings.host) + ":" + std::to_string(settings.port) +
         "/" + settings.helo;
}

// Each line of the relay's replies while libcurl talks. Extensions follow the greeting and the 220 to
// STARTTLS (RFC 3207 section 4.2).
size_t ReadLine(char* buffer, size_t size, size_t count, void* context) {
  auto& extensions = *static_cast<Extensions*>(context);
  const std::string_view line(buffer, size * count);
  const std::string_view keyword = TrimBlanks(line.substr(std::min<size_t>(4, line.size())));
  if (line.substr(0, 3) == "220") extensions = {};
  if (line.substr(0, 3) != "250") return size * count;
  if (EqualsIgnoringAsciiCase(keyword, "SMTPUTF8")) extensions.utf8 = true;
  if (EqualsIgnoringAsciiCase(keyword, "PIPELINING")) extensions.pipelining = true;
  return size * count;
}

}  // namespace

Status CheckSettings(const Settings& settings) {
  for (const std::string* text :
       {&settings.host, &settings.helo, &settings.user, &settings.ca_file}) {
    if (HasControls(*text)) return Error{Next::kFixSetup, "relay: a control character"};
  }
  if (settings.tls != Tls::kNone) return Ok();
  if (!IsLoopback(settings.host)) {
    return Error{
        Next::kFixSetup,
        "relay.tls: \"none\" is for a relay on this host only; use \"starttls\" or \"implicit\""};
  }
  if (!settings.user.empty()) {
    return Error{Next::kFixSetup,
                 "relay.user: a login is not sent in clear; use \"starttls\" or \"implicit\""};
  }
  return Ok();
}

void InitialiseLibrary() { CHECK(curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK); }

class Relay::Connection final : public Wire {
 public:
  // Connecting, too, ends at the deadline.
  Connection(const Settings& settings, SteadyClock::time_point deadline)
      : settings_(settings), deadline_(deadline) {
    Apply(settings);
  }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  ~Connection() override {
    if (socket_ >= 0 && is_usable()) {
      LimitTo(SteadyClock::now() + kGoodBye);
      static_cast<void>(Send("QUIT\r\n"));  // nobody waits for the answer
    }
    curl_easy_cleanup(curl_);
  }

  // What failed, or nothing.
  std::optional<std::string> Open() {
    const CURLcode code = curl_easy_perform(curl_);
    long response = 0;
    curl_easy_getinfo(curl_, CURLINFO_RESPONSE_CODE, &response);
    if (code == CURLE_OK) {
      curl_easy_getinfo(curl_, CURLINFO_ACTIVESOCKET, &socket_);
      return std::nullopt;
    }
    // The relay's text may name us or our login: its code must do.
    if (response >= 400) return std::to_string(response) + " before the message";
    return curl_easy_strerror(code);
  }

  size_t Send(std::string_view bytes) override {
    size_t sent = 0;
    // A process that was stopped and woke up too late must not send: its note may be another's now.
    while (sent < bytes.size() && SteadyClock::now() < deadline_) {
      size_t count = 0;
      const CURLcode code = curl_easy_send(curl_, bytes.data() + sent, bytes.size() - sent, &count);
      if (code != CURLE_OK && code != CURLE_AGAIN) break;
      sent += count;
      if (code == CURLE_AGAIN && !WaitFor(POLLOUT)) break;
    }
    return sent;
  }

  std::string Receive() override {
    char bytes[4096];
    while (true) {
      size_t count = 0;
      const CURLcode code = curl_easy_recv(curl_, bytes, sizeof bytes, &count);
      if (code == CURLE_OK) return std::string(bytes, count);
      if (code != CURLE_AGAIN) return "";
      // A relay that answers a group of commands one by one, with Nagle's algorithm, waits with its second
      // answer for the acknowledgement of its first.
      os::AcknowledgeAtOnce(socket_);
      if (!WaitFor(POLLIN)) return "";
    }
  }

  void Allow(Wait wait) override {
    LimitTo(SteadyClock::now() +
            (wait == Wait::kMessage ? settings_.answer_timeout : settings_.timeout));
  }

  void LimitTo(SteadyClock::time_point deadline) { deadline_ = deadline; }
  Dialogue& dialogue() { return dialogue_; }
  bool is_usable() const { return dialogue_.is_usable(); }
  const Extensions& extensions() const { return extensions_; }
  // Unused for a while, or the relay has said or ended something meanwhile.
  bool IsStale() const {
    pollfd watched{socket_, POLLIN, 0};
    return SteadyClock::now() - used_ > kReuse || poll(&watched, 1, 0) != 0;
  }
  void MarkUsed() { used_ = SteadyClock::now(); }

 private:
  void Apply(const Settings& settings) {
    CHECK(curl_ != nullptr);
    Set(CURLOPT_URL, Url(settings).c_str());
    Set(CURLOPT_CONNECT_ONLY, 1L);
    Set(CURLOPT_PROTOCOLS_STR, "smtp,smtps");
    Set(CURLOPT_PROXY, "");
    Set(CURLOPT_NOSIGNAL, 1L);
    // After a timeout the library waits as long again for the answer to its QUIT, within the total.
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline_ - SteadyClock::now());
    Set(CURLOPT_TIMEOUT_MS, std::max<long>(left.count(), 1));
    Set(CURLOPT_SERVER_RESPONSE_TIMEOUT, std::max<long>(settings.timeout.count() / 2, 1));
    Set(CURLOPT_USE_SSL, settings.tls == Tls::kNone ? CURLUSESSL_NONE : CURLUSESSL_ALL);
    Set(CURLOPT_SSL_VERIFYPEER, 1L);
    Set(CURLOPT_SSL_VERIFYHOST, 2L);
    Set(CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_2);
    Set(CURLOPT_HEADERFUNCTION, ReadLine);
    Set(CURLOPT_HEADERDATA, static_cast<void*>(&extensions_));
    if (!settings.ca_file.empty()) Set(CURLOPT_CAINFO, settings.ca_file.c_str());
    if (settings.user.empty()) return;
    Set(CURLOPT_USERNAME, settings.user.c_str());
    Set(CURLOPT_PASSWORD, std::string(settings.password.Reveal()).c_str());
  }

  template <typename Value>
  void Set(CURLoption option, Value value) {
    CHECK(curl_easy_setopt(curl_, option, value) == CURLE_OK);
  }

  bool WaitFor(short events) const {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline_ - SteadyClock::now());
    pollfd watched{socket_, events, 0};
    return left.count() > 0 && poll(&watched, 1, static_cast<int>(left.count())) > 0;
  }

  const Settings& settings_;
  CURL* curl_ = curl_easy_init();
  curl_socket_t socket_ = CURL_SOCKET_BAD;
  Extensions extensions_;
  SteadyClock::time_point deadline_, used_;
  Dialogue dialogue_{*this};
};

Relay::Relay(const Settings& settings) : settings_(settings) { CHECK(CheckSettings(settings_).ok()); }

Relay::~Relay() = default;

Reply Relay::Send(const mail::Address& from, const mail::Address& to, const std::string& message) {
  if (connection_ && connection_->IsStale()) connection_.reset();
  const auto deadline = SteadyClock::now() + settings_.timeout;
  const bool was_kept = connection_ != nullptr;
  bool stale = false;
  Reply reply = SendOnce({from, to, message}, deadline, &stale);
  // The relay hung up while the connection was idle: nothing of this message has reached it.
  const bool has_time = SteadyClock::now() < deadline;
  if (was_kept && stale && has_time) reply = SendOnce({from, to, message}, deadline, &stale);
  return reply;
}

Reply Relay::SendOnce(const Mail& mail, SteadyClock::time_point deadline, bool* stale) {
  const auto& [from, to, message] = mail;
  if (!connection_) {
    auto fresh = std::make_unique<Connection>(settings_, deadline);
    if (const auto problem = fresh->Open()) return {Outcome::kTryLater, *problem};
    connection_ = std::move(fresh);
  }
  const bool utf8 = !from.is_ascii() || !to.is_ascii();
  Extensions used = connection_->extensions();
  if (utf8 && !used.utf8) return {Outcome::kRefused, "the relay lacks SMTPUTF8"};
  used.utf8 = utf8;
  connection_->LimitTo(deadline);
  Dialogue& dialogue = connection_->dialogue();
  const Reply reply = dialogue.SendMessage(from.text(), to.text(), message, used);
  *stale = dialogue.was_stale();
  connection_->MarkUsed();
  if (!dialogue.is_usable()) connection_.reset();
  return reply;
}

}  // namespace latchkey::smtp
