#include "supervisor/supervisor.h"

#include <algorithm>
#include <utility>

#include "base/log.h"

namespace latchkey::supervisor {
namespace {

// With nothing to do, look around this often: it costs nothing and heals a lost signal.
constexpr std::chrono::milliseconds kIdle{60'000};

std::string_view How(const os::Exit& exit) { return exit.by_signal ? "signal" : "status"; }

}  // namespace

std::string_view Name(Program program) {
  return program == Program::kWeb ? "latchkey-web" : "latchkey-mailer";
}

Supervisor::Supervisor(const Plan& plan, Processes& processes, const Clock& clock)
    : processes_(processes), clock_(clock), plan_(plan), slots_(SlotsOf(plan)) {
  for (Slot& slot : slots_) StartSlot(slot);
}

std::vector<Supervisor::Slot> Supervisor::SlotsOf(const Plan& plan) {
  std::vector<Slot> slots(static_cast<size_t>(plan.workers), Slot{.program = Program::kWeb});
  slots.push_back(Slot{.program = Program::kMailer});
  return slots;
}

void Supervisor::Start(Slot& slot) {
  slot.started = clock_.SinceBoot();
  slot.pid = processes_.Start(slot.program);
  if (slot.pid) log::Info("worker_started", {{"program", Name(slot.program)}, {"pid", *slot.pid}});
}

void Supervisor::StartSlot(Slot& slot) {
  Start(slot);
  if (!slot.pid) Wait(slot, "not_started", 1);
}

void Supervisor::Wait(Slot& slot, std::string_view how, int code) {
  const Time now = clock_.SinceBoot();
  const Time pause = slot.backoff.After(now - slot.started);
  log::Warning("worker_ended", {{"program", Name(slot.program)},
                                {"pid", slot.pid.value_or(0)},
                                {how, code},
                                {"lived_ms", (now - slot.started).count()},
                                {"restart_in_ms", pause.count()}});
  slot.pid.reset();
  slot.due = now + pause;
}

void Supervisor::Ended(const os::Exit& exit) {
  if (check_ && check_->running.contains(exit.pid)) return CheckEnded(exit);
  if (leaving_.erase(exit.pid) != 0) {
    log::Info("worker_left", {{"pid", exit.pid}, {How(exit), exit.code}});
    return ReloadIfHeld();
  }
  if (next_) NextEnded(exit);
  for (Slot& slot : slots_) {
    if (slot.pid == exit.pid) return Wait(slot, How(exit), exit.code);
  }
  // Left over: a check that overstayed, or a child that a process of ours abandoned.
}

void Supervisor::Reload() {
  if (stopping_) return;
  if (check_ || next_ || !leaving_.empty()) {
    reload_again_ = true;
    return;
  }
  const auto plan = processes_.ReadPlan();
  if (!plan.ok()) return Refuse("latchkeyd", plan.error().message);
  check_ = Check{.running = {}, .plan = *plan, .deadline = clock_.SinceBoot() + kLongestCheck};
  for (const Program program : {Program::kWeb, Program::kMailer}) {
    const auto pid = processes_.StartCheck(program);
    if (!pid) return Refuse(Name(program), "could not be started");
    check_->running.emplace(*pid, program);
  }
}

void Supervisor::CheckEnded(const os::Exit& exit) {
  const Program program = check_->running.at(exit.pid);
  check_->running.erase(exit.pid);
  const std::string complaint = processes_.Complaint(exit.pid);
  if (exit.by_signal || exit.code != 0) {
    const std::string silent = std::string(How(exit)) + " " + std::to_string(exit.code);
    return Refuse(Name(program), complaint.empty() ? silent : complaint);
  }
  if (check_->running.empty()) StartNext();
}

void Supervisor::StartNext() {
  const Plan plan = check_->plan;
  check_.reset();
  next_ = Successors{.slots = SlotsOf(plan), .plan = plan, .deadline = clock_.SinceBoot() + kLongestStart};
  for (Slot& slot : next_->slots) {
    Start(slot);
    if (!slot.pid) return Refuse(Name(slot.program), "could not be started");
    next_->awaited.insert(*slot.pid);
  }
}

void Supervisor::Ready(int pid) {
  if (!next_ || next_->awaited.erase(pid) == 0) return;
  if (next_->awaited.empty()) SwitchOver();
}

void Supervisor::NextEnded(const os::Exit& exit) {
  for (Slot& slot : next_->slots) {
    if (slot.pid != exit.pid) continue;
    slot.pid.reset();
    return Refuse(Name(slot.program), "ended with " + std::string(How(exit)) + " " +
                                          std::to_string(exit.code) + " before all were ready");
  }
}

void Supervisor::Refuse(std::string_view program, std::string_view reason) {
  log::Error("reload_refused", {{"program", program}, {"reason", reason}});
  if (check_) {
    for (const auto& [pid, other] : check_->running) {
      processes_.Kill(pid);
      processes_.Complaint(pid);
    }
  }
  check_.reset();
  if (const auto refused = std::exchange(next_, std::nullopt)) {
    Leave(refused->slots, refused->plan.drain);
  }
  ReloadIfHeld();
}

void Supervisor::SwitchOver() {
  const std::vector<Slot> old = std::exchange(slots_, std::move(next_->slots));
  const Plan old_plan = std::exchange(plan_, next_->plan);
  next_.reset();
  log::Info("configuration_reloaded", {{"workers", plan_.workers}});
  Leave(old, old_plan.drain);
  ReloadIfHeld();
}

void Supervisor::ReloadIfHeld() {
  if (leaving_.empty() && std::exchange(reload_again_, false)) Reload();
}

void Supervisor::Leave(const std::vector<Slot>& slots, Time drain) {
  const Time kill_at = clock_.SinceBoot() + drain + kGrace;
  for (const Slot& slot : slots) {
    if (!slot.pid) continue;
    processes_.End(*slot.pid);
    leaving_.emplace(*slot.pid, kill_at);
  }
}

void Supervisor::Stop() {
  if (stopping_) {
    for (auto& [pid, kill_at] : leaving_) kill_at = clock_.SinceBoot();
    return;
  }
  stopping_ = true;
  Leave(slots_, plan_.drain);
  slots_.clear();
  if (next_) Leave(next_->slots, next_->plan.drain);
  next_.reset();
  if (!check_) return;
  for (const auto& [pid, program] : check_->running) processes_.Kill(pid);
  check_.reset();
}

std::chrono::milliseconds Supervisor::Tick() {
  const Time now = clock_.SinceBoot();
  if (check_ && now >= check_->deadline) Refuse("latchkeyd", "the check took too long");
  if (next_ && now >= next_->deadline) Refuse("latchkeyd", "the new ones were not ready in time");
  for (Slot& slot : slots_) {
    if (!slot.pid && now >= slot.due) StartSlot(slot);
  }
  for (auto& [pid, kill_at] : leaving_) {
    if (now < kill_at) continue;
    log::Warning("worker_killed", {{"pid", pid}});
    processes_.Kill(pid);
    kill_at = now + kGrace;
  }

  Time next = now + kIdle;
  if (check_) next = std::min(next, check_->deadline);
  if (next_) next = std::min(next, next_->deadline);
  for (const Slot& slot : slots_) {
    if (!slot.pid) next = std::min(next, slot.due);
  }
  for (const auto& [pid, kill_at] : leaving_) next = std::min(next, kill_at);
  return next - now;
}

}  // namespace latchkey::supervisor
