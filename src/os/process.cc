#include "os/process.h"

#include <fcntl.h>
#include <grp.h>
#include <pthread.h>
#include <pwd.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstring>

#include "base/check.h"

namespace latchkey::os {
namespace {

Error Failed(const std::string& what) {
  return {Next::kFixSetup, what + ": " + std::strerror(errno)};
}

// The kernel forgets the signal on the parent's death when the user changes.
Status TakeRights(const passwd& entry) {
  int on_parents_death = 0;
  prctl(PR_GET_PDEATHSIG, &on_parents_death);
  const pid_t parent = getppid();

  const std::string user = entry.pw_name;
  if (initgroups(entry.pw_name, entry.pw_gid) != 0) return Failed("taking the groups of " + user);
  if (setresgid(entry.pw_gid, entry.pw_gid, entry.pw_gid) != 0) {
    return Failed("taking the group of " + user);
  }
  if (setresuid(entry.pw_uid, entry.pw_uid, entry.pw_uid) != 0) {
    return Failed("becoming " + user);
  }
  CHECK(entry.pw_uid == 0 || setuid(0) != 0);

  if (on_parents_death == 0) return Ok();
  prctl(PR_SET_PDEATHSIG, on_parents_death);
  if (getppid() != parent) raise(on_parents_death);
  return Ok();
}

void ResetSignals() {
  struct sigaction action {};
  action.sa_handler = SIG_DFL;
  for (int signal = 1; signal < NSIG; ++signal) sigaction(signal, &action, nullptr);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
}

// In the child, where only async-signal-safe calls are allowed until exec.
[[noreturn]] void Become(char* const* arguments, int stdin_fd, int stderr_fd,
                         const std::vector<int>& keep, pid_t parent) {
  // A worker does not outlive a killed supervisor.
  prctl(PR_SET_PDEATHSIG, SIGTERM);
  if (getppid() != parent) _exit(0);
  if (stdin_fd < 0) stdin_fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
  if (stdin_fd > 0 && dup2(stdin_fd, 0) != 0) _exit(127);
  if (stdin_fd == 0) fcntl(0, F_SETFD, 0);
  if (stderr_fd >= 0 && dup2(stderr_fd, 2) != 2) _exit(127);
  // Not all the world's libraries open with O_CLOEXEC.
  close_range(3, UINT_MAX, CLOSE_RANGE_CLOEXEC);
  for (const int fd : keep) fcntl(fd, F_SETFD, 0);
  ResetSignals();
  execv(arguments[0], arguments);
  _exit(127);
}

Exit ToExit(pid_t pid, int status) {
  if (WIFSIGNALED(status)) return {pid, true, WTERMSIG(status)};
  return {pid, false, WEXITSTATUS(status)};
}

}  // namespace

bool IsRoot() { return geteuid() == 0; }

int ThreadId() { return gettid(); }

void StandBack(const char* name) {
  constexpr int kNice = 19;
  pthread_setname_np(pthread_self(), name);
  // On Linux, of the thread alone. What is lower already stays.
  const auto self = static_cast<id_t>(gettid());
  setpriority(PRIO_PROCESS, self, std::max(kNice, getpriority(PRIO_PROCESS, self)));
}

Status BecomeUser(const std::string& user) {
  if (!IsRoot()) return Ok();
  std::vector<char> buffer(1 << 16);
  passwd entry{};
  passwd* found = nullptr;
  errno = getpwnam_r(user.c_str(), &entry, buffer.data(), buffer.size(), &found);
  if (found != nullptr) return TakeRights(entry);
  if (errno != 0) return Failed("looking up the user " + user);
  return Error{Next::kFixSetup, "there is no user " + user + " on this machine; make it with: " +
                                    "adduser --system --group --no-create-home " + user};
}

void LimitSelf() {
  const rlimit none{0, 0};
  setrlimit(RLIMIT_CORE, &none);
  CHECK(prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == 0);
  CHECK(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0);
}

std::string OwnDirectory() {
  char path[PATH_MAX];
  const ssize_t length = readlink("/proc/self/exe", path, sizeof path);
  CHECK(length > 0 && length < static_cast<ssize_t>(sizeof path));
  const std::string whole(path, static_cast<size_t>(length));
  return whole.substr(0, whole.rfind('/'));
}

Result<Child> Spawn(const std::vector<std::string>& arguments, int stdin_fd,
                    const std::vector<int>& keep, int stderr_fd) {
  CHECK(!arguments.empty());
  std::vector<char*> pointers;
  for (const std::string& argument : arguments) {
    pointers.push_back(const_cast<char*>(argument.c_str()));
  }
  pointers.push_back(nullptr);

  // No handler of ours may run in the child before its handlers are reset.
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  const pid_t parent = getpid();
  const pid_t pid = fork();
  if (pid == 0) Become(pointers.data(), stdin_fd, stderr_fd, keep, parent);
  const int error = errno;
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  if (pid > 0) return Child{pid};
  return Error{Next::kTryLater, "cannot start " + arguments[0] + ": " + std::strerror(error)};
}

Result<Pipe> MakePipe() {
  int fds[2];
  if (pipe2(fds, O_CLOEXEC | O_NONBLOCK) != 0) {
    return Error{Next::kTryLater, std::string("no pipe: ") + std::strerror(errno)};
  }
  return Pipe{UniqueFd(fds[0]), UniqueFd(fds[1])};
}

void TellReady(int pipe_fd) {
  const int pid = getpid();
  // A pipe without readers or room is a supervisor that has other worries.
  [[maybe_unused]] const ssize_t written = write(pipe_fd, &pid, sizeof pid);
}

std::vector<int> ReadReady(int pipe_fd) {
  std::vector<int> pids(64);
  const ssize_t bytes = read(pipe_fd, pids.data(), pids.size() * sizeof(int));
  pids.resize(bytes > 0 ? static_cast<size_t>(bytes) / sizeof(int) : 0);
  return pids;
}

std::vector<Exit> Reap() {
  std::vector<Exit> exits;
  int status = 0;
  for (pid_t pid; (pid = waitpid(-1, &status, WNOHANG)) > 0;) exits.push_back(ToExit(pid, status));
  return exits;
}

Exit WaitFor(const Child& child) {
  CHECK(child.pid > 0);
  int status = 0;
  pid_t pid;
  do {
    pid = waitpid(child.pid, &status, 0);
  } while (pid < 0 && errno == EINTR);
  CHECK(pid == child.pid);
  return ToExit(pid, status);
}

void Kill(const Child& child, int signal) {
  // kill(0) and kill(-1) would hit others than the child.
  CHECK(child.pid > 0);
  kill(child.pid, signal);
}

std::string FirstLine(int fd) {
  std::string line(4096, '\0');
  const ssize_t count = read(fd, line.data(), line.size());
  line.resize(count > 0 ? static_cast<size_t>(count) : 0);
  return line.substr(0, line.find('\n'));
}

Status RunCheck(const std::vector<std::string>& arguments) {
  auto pipe = MakePipe();
  if (!pipe.ok()) return pipe.error();
  const auto child = Spawn(arguments, -1, {}, pipe->write_end.get());
  if (!child.ok()) return child.error();
  const Exit exit = WaitFor(*child);
  if (!exit.by_signal && exit.code == 0) return Ok();
  const std::string line = FirstLine(pipe->read_end.get());
  if (!line.empty()) return Error{Next::kFixSetup, line};
  return Error{Next::kFixSetup, arguments[0] + " ended without a word (" +
                                    (exit.by_signal ? "signal " : "status ") +
                                    std::to_string(exit.code) +
                                    "); install it beside this program"};
}

}  // namespace latchkey::os
