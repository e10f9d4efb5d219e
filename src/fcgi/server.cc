#include "fcgi/server.h"

#include <array>
#include <thread>
#include <utility>
#include <vector>

#include "base/log.h"
#include "fcgi/form_parser.h"
#include "fcgi/head.h"
#include "fcgi/records.h"
#include "os/socket.h"
#include "os/yield_often.h"

namespace latchkey::fcgi {
namespace {

// epoll's tags of what connections come from; these themselves go by their descriptor.
constexpr uint64_t kListener = UINT64_MAX;
constexpr uint64_t kHandover = UINT64_MAX - 1;
constexpr uint64_t kStop = UINT64_MAX - 2;

// Descriptors that connections may not take: those a thread may open (its database session, the
// second one of its connection, a file or a new session meanwhile), and some for the process.
constexpr int kDescriptorsOfThread = 4;
constexpr int kSpareDescriptors = 8;
// How long the listener is left alone when there are too few.
constexpr std::chrono::milliseconds kCrowdedPause(100);
// Whoever is about to wait lets others wait for events; if it waits in spite of that, they are let in.
constexpr std::chrono::seconds kLongestUnforeseen(1);
constexpr std::chrono::milliseconds kDrainPause(5);
// As much of a request as is looked at; of a longer one it is not known whether all has come.
constexpr size_t kMostPeeked = 8192;

void Pause() {
  Lead::GiveUp();
  std::this_thread::sleep_for(kCrowdedPause);
}

bool IsWhole(int fd) {
  std::array<char, kMostPeeked> bytes;
  return HasWholeRequest(os::Peek(fd, bytes));
}

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

web::App::Reply Respond(web::App& app, Exchange& exchange, const http::Request& request) {
  web::App::Ticket ticket = app.Look(request);
  if (ticket.refusal) return std::move(*ticket.refusal);
  return app.Answer(std::move(ticket), ReadForm(exchange, request));
}

}  // namespace

Server::Server(UniqueFd listener, Options options, MakeApp make_app)
    : listener_(std::move(listener)), options_(options), make_app_(std::move(make_app)) {}

void Server::Serve(int stop_fd) {
  epoll_.AddForAll(stop_.fd(), kStop);
  epoll_.Add(listener_.get(), kListener);
  if (options_.handover != nullptr) epoll_.Add(options_.handover->taking_fd(), kHandover);
  std::vector<std::thread> threads;
  for (int i = 0; i < options_.threads; ++i) threads.emplace_back([this] { RunThread(); });
  std::vector<std::thread> storing;
  for (int i = 0; i < options_.storing_threads; ++i) {
    storing.emplace_back([this] { RunStoringThread(); });
  }

  while (!os::WaitReadable(stop_fd, std::chrono::seconds(1))) ShutDownOverdue();

  Drain();
  stop_.Wake();
  FinishBusy();
  for (std::thread& thread : threads) thread.join();
  asked_.Stop();
  for (std::thread& thread : storing) thread.join();
  GiveParked();
}

void Server::RunThread() {
  const std::shared_ptr<web::App> app = make_app_();
  while (true) {
    lead_.Take();
    const std::optional<uint64_t> tag = epoll_.Wait();
    if (!tag) continue;
    if (*tag == kStop) break;
    if (*tag == kListener || *tag == kHandover) {
      AcceptOne(*tag);
    } else {
      HandleOne(*app, static_cast<int>(*tag));
    }
  }
  Lead::GiveUp();
}

void Server::RunStoringThread() {
  const std::shared_ptr<web::App> app = make_app_();
  while (true) {
    Jobs jobs = asked_.Take();
    if (jobs.empty()) return;
    Store(*app, std::move(jobs));
    asked_.Done();
  }
}

void Server::AcceptOne(uint64_t tag) {
  // Counted before draining_ is looked at: so the drain does not miss what is accepted just then.
  ++accepting_;
  if (!draining_) {
    bool crowded = IsCrowded();
    os::Accepted accepted;
    if (!crowded) accepted = Next(tag);
    crowded |= accepted.exhausted;
    if (crowded != crowded_.exchange(crowded)) LogCrowd(crowded);
    if (crowded) Pause();
    if (accepted.fd.valid()) Park(std::move(accepted.fd));
  }
  if (!draining_) {
    epoll_.Rearm(tag == kListener ? listener_.get() : options_.handover->taking_fd(), tag);
  }
  --accepting_;
}

os::Accepted Server::Next(uint64_t tag) {
  if (tag == kListener) return os::Accept(listener_.get(), options_.io_timeout);
  return {.fd = options_.handover->Take(), .exhausted = false};
}

bool Server::IsCrowded() {
  const int threads = options_.threads + options_.storing_threads;
  const int spare = kSpareDescriptors + threads * kDescriptorsOfThread;
  return !os::HasSpareDescriptors(listener_, spare);
}

void Server::Park(UniqueFd fd) {
  const int number = fd.get();
  ++arming_;
  {
    const std::lock_guard lock(mutex_);
    parked_[number] = {.fd = std::move(fd), .is_new = true};
  }
  epoll_.Add(number, static_cast<uint64_t>(number));
  --arming_;
}

Server::Parked Server::TakeParked(int number, uint64_t serial) {
  const std::lock_guard lock(mutex_);
  auto found = parked_.extract(number);
  if (found.empty()) return {};
  Parked parked = std::move(found.mapped());
  busy_.emplace(serial, Busy{.number = number,
                             .connection = UniqueFd(),
                             .since = std::chrono::steady_clock::now(),
                             .term = lead_.MyTerm()});
  return parked;
}

void Server::ParkAgain(uint64_t serial, UniqueFd kept) {
  const int number = kept.get();
  ++arming_;
  {
    // In one piece, or the drain could take it for gone.
    const std::lock_guard lock(mutex_);
    busy_.erase(serial);
    if (number >= 0) parked_[number] = {.fd = std::move(kept), .is_new = false};
  }
  // Not under the mutex: it wakes threads, which would queue up there.
  if (number >= 0) epoll_.Rearm(number, static_cast<uint64_t>(number));
  --arming_;
}

void Server::HandleOne(web::App& app, int number) {
  os::CountAnswer();
  const uint64_t serial = next_serial_++;
  Parked parked = TakeParked(number, serial);
  if (!parked.fd.valid()) return;
  if (parked.is_new) {
    os::Arrival arrival = os::LookAtArrival(parked.fd, options_.io_timeout);
    if (arrival.brought.valid()) Park(std::move(arrival.brought));
    if (arrival.brings) return ParkAgain(serial, UniqueFd());
  }

  // Else another that rests would not be let in.
  const bool matters = lead_.IsMine() || lead_.HasResting();
  if (matters && !IsWhole(parked.fd.get())) Lead::GiveUp();

  Answer(app, std::make_unique<Job>(serial, std::move(parked.fd)));
}

void Server::Answer(web::App& app, std::unique_ptr<Job> job) {
  if (job->exchange.ok()) {
    job->request = ReadHead(job->exchange);
    if (!job->request) {
      log::Warning("request_refused",
                   {{"why", "REQUEST_METHOD, REQUEST_URI or REMOTE_ADDR is missing"}});
    }
  }
  if (!job->request) {
    const uint64_t serial = job->serial;
    job.reset();
    return ParkAgain(serial, UniqueFd());
  }
  web::App::Reply reply = Respond(app, job->exchange, *job->request);
  if (const auto* response = std::get_if<http::Response>(&reply)) {
    return Finish(std::move(job), *response);
  }
  job->asked.emplace(std::get<web::App::Asked>(std::move(reply)));
  HandOn(app, std::move(job));
}

void Server::HandOn(web::App& app, std::unique_ptr<Job> job) {
  // Here, where it costs one thread: those that store have others to answer.
  job->exchange.ReadToEnd();
  {
    const std::lock_guard lock(mutex_);
    busy_.at(job->serial).has_thread = false;
  }
  if (asked_.Add(std::move(job))) return;
  Jobs alone;
  alone.push_back(std::move(job));
  Store(app, std::move(alone));
}

void Server::Store(web::App& app, Jobs jobs) {
  std::vector<web::App::Asked> asked;
  for (auto& job : jobs) asked.push_back(*std::move(job->asked));
  const std::vector<http::Response> responses = app.Store(std::move(asked));
  for (size_t i = 0; i < jobs.size(); ++i) Finish(std::move(jobs[i]), responses[i]);
}

void Server::Finish(std::unique_ptr<Job> job, const http::Response& response) {
  const bool keep = !draining_ || options_.handover != nullptr;
  UniqueFd kept = job->exchange.Finish(response.Serialise(), keep);
  const uint64_t serial = job->serial;
  job.reset();
  ParkAgain(serial, std::move(kept));
}

void Server::Drain() {
  draining_ = true;
  log::Info("drain_started");
  const Time end = std::chrono::steady_clock::now() + options_.drain;
  while (std::chrono::steady_clock::now() < end) {
    GiveParked();
    if (IsDrained()) return;
    std::this_thread::sleep_for(kDrainPause);
    ShutDownOverdue();
  }
}

void Server::FinishBusy() {
  while (IsBusy()) {
    GiveParked();
    std::this_thread::sleep_for(kDrainPause);
    ShutDownOverdue();
  }
}

void Server::GiveParked() {
  const std::lock_guard lock(mutex_);
  if (options_.handover == nullptr) return;
  if (arming_ > 0) return;  // what is parked and not yet in epoll
  for (auto parked = parked_.begin(); parked != parked_.end();) {
    if (!options_.handover->Give(parked->second.fd)) return;
    // Else epoll would watch it as long as anybody has it open.
    epoll_.Remove(parked->first);
    parked = parked_.erase(parked);
  }
}

void Server::ShutDownOverdue() {
  const std::lock_guard lock(mutex_);
  const Time now = std::chrono::steady_clock::now();
  for (auto& [serial, busy] : busy_) {
    if (busy.has_thread && now - busy.since > kLongestUnforeseen) lead_.Relieve(busy.term);
    if (now - busy.since < options_.request_deadline / 2) continue;
    if (!busy.connection.valid()) {
      busy.connection = os::Duplicate(busy.number);
    } else if (now - busy.since > options_.request_deadline) {
      os::ShutDown(busy.connection.get());
    }
  }
}

bool Server::IsDrained() {
  const std::lock_guard lock(mutex_);
  return accepting_ == 0 && parked_.empty() && busy_.empty();
}

bool Server::IsBusy() {
  const std::lock_guard lock(mutex_);
  return accepting_ > 0 || arming_ > 0 || !busy_.empty();
}

}  // namespace latchkey::fcgi
