#include "fcgi/server.h"

#include <thread>
#include <utility>
#include <vector>

#include "base/log.h"
#include "fcgi/form_parser.h"
#include "fcgi/head.h"
#include "os/socket.h"

namespace latchkey::fcgi {
namespace {

// epoll's tag of the listener; connections go by their descriptor.
constexpr uint64_t kListener = UINT64_MAX;

// Descriptors that connections may not take: those a thread may open (its database session, the
// second one of its connection, a file or a new session meanwhile), and some for the process.
constexpr int kDescriptorsOfThread = 4;
constexpr int kSpareDescriptors = 8;
// How long the listener is left alone when there are too few.
constexpr std::chrono::milliseconds kCrowdedPause(100);

void LogCrowd(bool crowded) {
  if (crowded) {
    log::Error("accept_paused", {{"why", "out of descriptors or memory; raise LimitNOFILE"}});
  } else {
    log::Info("accept_resumed");
  }
}

http::PostedForm ReadForm(Exchange& exchange, const http::Request& request) {
  if (request.method != http::Method::kPost) return http::Form();
  std::string body;
  if (!exchange.ReadBody(*request.content_length, &body)) return http::FormError::kTruncated;
  return ParseForm(std::move(body), request.query);
}

http::Response Respond(web::App& app, Exchange& exchange, const http::Request& request) {
  web::App::Ticket ticket = app.Look(request);
  if (ticket.refusal) return std::move(*ticket.refusal);
  return app.Answer(request, ticket, ReadForm(exchange, request));
}

}  // namespace

Server::Server(UniqueFd listener, Options options, MakeApp make_app)
    : listener_(std::move(listener)), options_(options), make_app_(std::move(make_app)) {}

void Server::Serve(int stop_fd) {
  epoll_.Add(listener_.get(), kListener);
  std::vector<std::thread> threads;
  for (int i = 0; i < options_.threads; ++i) threads.emplace_back([this] { RunThread(); });

  while (!os::WaitReadable(stop_fd, std::chrono::seconds(1))) ShutDownOverdue();

  BeginDrain();
  const Time end = std::chrono::steady_clock::now() + options_.drain;
  while (!IsDrained() && std::chrono::steady_clock::now() < end) {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    ShutDownOverdue();
  }
  stopping_ = true;
  for (std::thread& thread : threads) thread.join();
}

void Server::RunThread() {
  const std::shared_ptr<web::App> app = make_app_();
  while (!stopping_) {
    const std::optional<uint64_t> tag = epoll_.Wait(std::chrono::milliseconds(200));
    if (!tag) continue;
    if (*tag == kListener) {
      AcceptAll();
    } else {
      HandleOne(*app, static_cast<int>(*tag));
    }
  }
}

void Server::AcceptAll() {
  while (!draining_) {
    bool crowded = IsCrowded();
    os::Accepted accepted;
    if (!crowded) accepted = os::Accept(listener_.get(), options_.io_timeout);
    crowded |= accepted.exhausted;
    if (crowded != crowded_.exchange(crowded)) LogCrowd(crowded);
    if (crowded) std::this_thread::sleep_for(kCrowdedPause);
    if (!accepted.fd.valid()) break;
    Park(std::move(accepted.fd), /*is_new=*/true);
  }
  if (!draining_) epoll_.Rearm(listener_.get(), kListener);
}

bool Server::IsCrowded() {
  const int spare = kSpareDescriptors + options_.threads * kDescriptorsOfThread;
  return !os::HasSpareDescriptors(listener_, spare);
}

void Server::Park(UniqueFd fd, bool is_new) {
  const int number = fd.get();
  const std::lock_guard lock(mutex_);
  parked_[number] = std::move(fd);
  if (is_new) {
    epoll_.Add(number, static_cast<uint64_t>(number));
  } else {
    epoll_.Rearm(number, static_cast<uint64_t>(number));
  }
}

UniqueFd Server::TakeParked(int number, uint64_t serial) {
  const std::lock_guard lock(mutex_);
  auto parked = parked_.extract(number);
  if (parked.empty()) return UniqueFd();
  UniqueFd fd = std::move(parked.mapped());
  busy_.emplace(serial, Busy{os::Duplicate(fd), std::chrono::steady_clock::now()});
  return fd;
}

void Server::HandleOne(web::App& app, int number) {
  const uint64_t serial = next_serial_++;
  UniqueFd fd = TakeParked(number, serial);
  if (!fd.valid()) return;

  UniqueFd kept;
  {
    Exchange exchange(std::move(fd));
    if (exchange.ok()) kept = Answer(app, exchange);
  }
  {
    const std::lock_guard lock(mutex_);
    busy_.erase(serial);
  }
  if (kept.valid()) Park(std::move(kept), /*is_new=*/false);
}

UniqueFd Server::Answer(web::App& app, Exchange& exchange) {
  const std::optional<http::Request> request = ReadHead(exchange);
  if (!request) {
    log::Warning("request_refused",
                 {{"why", "REQUEST_METHOD, REQUEST_URI or REMOTE_ADDR is missing"}});
    return UniqueFd();
  }
  return exchange.Finish(Respond(app, exchange, *request).Serialise(), /*keep=*/!draining_);
}

void Server::BeginDrain() {
  draining_ = true;
  log::Info("drain_started");
}

void Server::ShutDownOverdue() {
  const std::lock_guard lock(mutex_);
  const Time latest = std::chrono::steady_clock::now() - options_.request_deadline;
  for (const auto& [serial, busy] : busy_) {
    if (busy.since < latest) os::ShutDown(busy.connection.get());
  }
}

bool Server::IsDrained() {
  const std::lock_guard lock(mutex_);
  return parked_.empty() && busy_.empty();
}

}  // namespace latchkey::fcgi
