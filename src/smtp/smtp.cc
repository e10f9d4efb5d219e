#include "smtp/smtp.h"

#include <curl/curl.h>

#include <algorithm>
#include <cstring>

#include "base/check.h"
#include "base/ip.h"
#include "base/text.h"

namespace latchkey::smtp {
namespace {

// A relay that hangs up on idle clients must not do so while a message is on its way.
constexpr long kReuseSeconds = 20;

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

// Belt and braces: what would end a command or the angle brackets around the address.
bool IsSafe(const mail::Address& address) {
  const std::string& text = address.text();
  return !text.empty() && !HasControls(text) && text.find_first_of("<> ") == std::string::npos;
}

struct Upload {
  const std::string& message;
  size_t sent = 0;
  bool needs_utf8;
  const bool& relay_has_utf8;
  bool began = false;       // the relay asked for the message
  bool sent_whole = false;
  bool lacked_utf8 = false;
};

size_t Read(char* buffer, size_t size, size_t count, void* context) {
  auto& upload = *static_cast<Upload*>(context);
  upload.began = true;
  if (upload.needs_utf8 && !upload.relay_has_utf8) {
    upload.lacked_utf8 = true;
    return CURL_READFUNC_ABORT;
  }
  const size_t length = std::min(size * count, upload.message.size() - upload.sent);
  std::memcpy(buffer, upload.message.data() + upload.sent, length);
  upload.sent += length;
  if (length == 0) upload.sent_whole = true;
  return length;
}

// Each line of the relay's replies. A connection's extensions follow its greeting (220).
size_t ReadReply(char* buffer, size_t size, size_t count, void* context) {
  auto& relay_has_utf8 = *static_cast<bool*>(context);
  const std::string_view line(buffer, size * count);
  const std::string_view keyword = TrimBlanks(line.substr(std::min<size_t>(4, line.size())));
  if (line.substr(0, 3) == "220") relay_has_utf8 = false;
  if (line.substr(0, 3) == "250" && EqualsIgnoringAsciiCase(keyword, "SMTPUTF8")) {
    relay_has_utf8 = true;
  }
  return size * count;
}

// Whether the failure is one of this message's commands, and not of getting so far.
bool BeganMail(CURLcode code, const Upload& upload) {
  return upload.began || code == CURLE_SEND_ERROR || code == CURLE_RECV_ERROR;
}

std::string Reason(CURLcode code, const Transfer& transfer, Outcome outcome) {
  if (outcome == Outcome::kAccepted) return "250 accepted";
  if (outcome == Outcome::kUnknown) return "no answer after the message";
  // The relay's text may name the address: its code must do.
  if (transfer.response >= 400) {
    const char* const place = !transfer.began_mail   ? " before the message"
                              : transfer.sent_whole ? " after the message"
                                                    : " to the envelope";
    return std::to_string(transfer.response) + place;
  }
  return curl_easy_strerror(code);
}

}  // namespace

Outcome Judge(const Transfer& transfer) {
  if (transfer.completed) return Outcome::kAccepted;
  const int response = transfer.response;
  // A refusal of us (greeting, TLS, login) is the administrator's to mend, not the message's fault.
  if (!transfer.began_mail) return Outcome::kTryLater;
  if (response >= 500 && response < 600) return Outcome::kRefused;
  if (response >= 400 && response < 500) return Outcome::kTryLater;
  return transfer.sent_whole ? Outcome::kUnknown : Outcome::kTryLater;
}

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

struct Relay::Handle {
  CURL* curl = curl_easy_init();
  bool relay_has_utf8 = false;  // of the connection that is kept

  Handle() { CHECK(curl != nullptr); }
  Handle(const Handle&) = delete;
  Handle& operator=(const Handle&) = delete;
  ~Handle() {
    // The good-bye must not wait for a relay that hangs.
    Set(CURLOPT_SERVER_RESPONSE_TIMEOUT, 1L);
    curl_easy_cleanup(curl);
  }

  void Apply(const Settings& settings) {
    // Keeps the connection, forgets the options.
    curl_easy_reset(curl);
    Set(CURLOPT_URL, Url(settings).c_str());
    Set(CURLOPT_PROTOCOLS_STR, "smtp,smtps");
    Set(CURLOPT_PROXY, "");
    Set(CURLOPT_NOSIGNAL, 1L);
    Set(CURLOPT_CONNECTTIMEOUT, static_cast<long>(settings.connect_timeout.count()));
    Set(CURLOPT_TIMEOUT, static_cast<long>(settings.total_timeout.count()));
    // After a timeout the library waits as long again for the answer to its QUIT, within this call.
    Set(CURLOPT_SERVER_RESPONSE_TIMEOUT, static_cast<long>(settings.total_timeout.count() / 2));
    Set(CURLOPT_MAXAGE_CONN, kReuseSeconds);
    Set(CURLOPT_USE_SSL, settings.tls == Tls::kNone ? CURLUSESSL_NONE : CURLUSESSL_ALL);
    Set(CURLOPT_SSL_VERIFYPEER, 1L);
    Set(CURLOPT_SSL_VERIFYHOST, 2L);
    Set(CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_2);
    if (!settings.ca_file.empty()) Set(CURLOPT_CAINFO, settings.ca_file.c_str());
    if (settings.user.empty()) return;
    Set(CURLOPT_USERNAME, settings.user.c_str());
    Set(CURLOPT_PASSWORD, std::string(settings.password.Reveal()).c_str());
  }

  template <typename Value>
  void Set(CURLoption option, Value value) {
    CHECK(curl_easy_setopt(curl, option, value) == CURLE_OK);
  }
};

Relay::Relay(Settings settings)
    : settings_(std::move(settings)), handle_(std::make_unique<Handle>()) {
  CHECK(CheckSettings(settings_).ok());
}

Relay::~Relay() = default;

Reply Relay::Send(const mail::Address& from, const mail::Address& to, const std::string& message) {
  if (!IsSafe(from) || !IsSafe(to)) return {Outcome::kRefused, "an address that is not sent to"};
  Upload upload{.message = message,
                .needs_utf8 = !from.is_ascii() || !to.is_ascii(),
                .relay_has_utf8 = handle_->relay_has_utf8};
  handle_->Apply(settings_);
  curl_slist* const recipients = curl_slist_append(nullptr, ("<" + to.text() + ">").c_str());
  CHECK(recipients != nullptr);
  handle_->Set(CURLOPT_MAIL_FROM, ("<" + from.text() + ">").c_str());
  handle_->Set(CURLOPT_MAIL_RCPT, recipients);
  handle_->Set(CURLOPT_UPLOAD, 1L);
  handle_->Set(CURLOPT_READFUNCTION, Read);
  handle_->Set(CURLOPT_READDATA, static_cast<void*>(&upload));
  handle_->Set(CURLOPT_HEADERFUNCTION, ReadReply);
  handle_->Set(CURLOPT_HEADERDATA, static_cast<void*>(&handle_->relay_has_utf8));

  const CURLcode code = curl_easy_perform(handle_->curl);
  long response = 0;
  curl_easy_getinfo(handle_->curl, CURLINFO_RESPONSE_CODE, &response);
  // The options point into this call. The library would keep a connection that timed out, and take
  // the late answer to this message for one to the next.
  if (code == CURLE_OK) {
    curl_easy_reset(handle_->curl);
  } else {
    handle_ = std::make_unique<Handle>();
  }
  curl_slist_free_all(recipients);

  if (upload.lacked_utf8) return {Outcome::kRefused, "the relay lacks SMTPUTF8"};
  const Transfer transfer{.completed = code == CURLE_OK,
                          .began_mail = BeganMail(code, upload),
                          .sent_whole = upload.sent_whole,
                          .response = static_cast<int>(response)};
  const Outcome outcome = Judge(transfer);
  return {outcome, Reason(code, transfer, outcome)};
}

}  // namespace latchkey::smtp
