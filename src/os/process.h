// process.h -- who this process is, and what it gives up before it serves

#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "base/unique_fd.h"

namespace latchkey::os {

bool IsRoot();

// Started as root: takes the user's uid, gid and groups for good. Started as anybody else: nothing to
// do, whatever `user` says (the demo runs as one person). kFixSetup: no such user.
Status BecomeUser(const std::string& user);

// Of this thread, among all threads of the machine.
int ThreadId();

// Work that can wait: where others of this session or service want the same core, this thread gets a
// sixtieth of what they get. The name, of at most 15 bytes, is what ps and top call it.
void StandBack(const char* name);

// No core dump, no ptrace by others of the same user, no new privileges by exec.
void LimitSelf();

// The directory this program's file is in, to find its siblings.
std::string OwnDirectory();

struct Child {
  int pid = -1;
};
// fork and exec with an empty signal mask and default handlers. arguments[0] is the program's path.
// stdin_fd becomes fd 0 (or /dev/null for -1); `keep` stay open under their numbers; all else is
// CLOEXEC and closes. stderr_fd, if any, becomes fd 2. The child gets SIGTERM when the thread that
// started it ends. kTryLater: fork failed. A failed exec shows as exit status 127.
Result<Child> Spawn(const std::vector<std::string>& arguments, int stdin_fd,
                    const std::vector<int>& keep, int stderr_fd = -1);

struct Pipe {
  UniqueFd read_end;
  UniqueFd write_end;
};
// Both CLOEXEC and non-blocking: a child that says too much loses words, and nobody hangs.
// kTryLater: out of descriptors.
Result<Pipe> MakePipe();
// Into a pipe that several share: that this process is ready. The process ids of those that were, as
// many as are there, without waiting.
void TellReady(int pipe_fd);
std::vector<int> ReadReady(int pipe_fd);

struct Exit {
  int pid;
  bool by_signal;
  int code;  // exit status or signal number
};
// Every child that has ended, without waiting.
std::vector<Exit> Reap();
// Waits for this child.
Exit WaitFor(const Child& child);
void Kill(const Child& child, int signal);

// The first line that a program wrote on stderr, at most 4 KiB of it.
std::string FirstLine(int fd);
// Runs a program with --check's contract: exit status 0, or one line on stderr that says why not.
// Waits for it. kFixSetup: that line.
Status RunCheck(const std::vector<std::string>& arguments);

}  // namespace latchkey::os
