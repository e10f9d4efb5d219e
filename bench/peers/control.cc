// control.cc -- the least that a FastCGI responder can do: what latchkey-web is measured against
//
//   control parked|plain THREADS ANSWER [STATEMENTS DATABASE_SOCKET USER PASSWORD_FILE]
//
// A listening unix socket is on fd 0, non-blocking for parked. Every request gets the bytes of the file ANSWER. parked: idle
// connections wait in epoll, as latchkey-web's do; plain: libfcgi's own loop, a thread a connection.
// STATEMENTS: a file with an SQL statement a line; each thread prepares them once and runs all of them
// for every request, with 16 fresh bytes for the one "?". What fails ends the program: this is no server.

#include <cppconn/connection.h>
#include <cppconn/exception.h>
#include <cppconn/prepared_statement.h>
#include <fcgiapp.h>
#include <mysql_driver.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace {

constexpr int kListener = 0;

void Require(bool fine, const char* what) {
  if (fine) return;
  std::perror(what);
  std::exit(1);
}

std::string ReadFile(const char* path) {
  std::ifstream file(path, std::ios::binary);
  Require(file.is_open(), path);
  return {std::istreambuf_iterator<char>(file), {}};
}

struct Options {
  bool parked = true;
  int threads = 1;
  std::string answer;
  std::vector<std::string> statements;
  std::string database, user, password;
};

Options Parse(int argc, char** argv) {
  if (argc != 4 && argc != 8) {
    std::fputs("control parked|plain THREADS ANSWER [STATEMENTS SOCKET USER PASSWORD_FILE]\n", stderr);
    std::exit(1);
  }
  Options options;
  options.parked = std::strcmp(argv[1], "parked") == 0;
  options.threads = std::atoi(argv[2]);
  options.answer = ReadFile(argv[3]);
  if (argc == 4) return options;
  std::ifstream statements(argv[4]);
  for (std::string line; std::getline(statements, line);) options.statements.push_back(line);
  options.database = argv[5];
  options.user = argv[6];
  options.password = ReadFile(argv[7]);
  options.password.resize(options.password.find('\n'));
  return options;
}

// One thread's statements over its own connection.
class Work {
 public:
  explicit Work(const Options& options) {
    if (options.statements.empty()) return;
    link_.reset(sql::mysql::get_mysql_driver_instance()->connect("unix://" + options.database,
                                                                 options.user, options.password));
    for (const std::string& sql : options.statements) {
      statements_.emplace_back(link_->prepareStatement(sql));
    }
  }

  void Run() {
    for (const auto& statement : statements_) {
      const std::string id = FreshId();
      statement->setString(1, sql::SQLString(id.data(), id.size()));
      statement->executeUpdate();
    }
  }

 private:
  // Scattered over the index, as random ones are.
  static std::string FreshId() {
    static std::atomic<uint64_t> count{0};
    const uint64_t number = ++count;
    const std::array<uint64_t, 2> words = {number * 0x9e3779b97f4a7c15, static_cast<uint64_t>(getpid())};
    return {reinterpret_cast<const char*>(words.data()), sizeof words};
  }

  std::unique_ptr<sql::Connection> link_;
  std::vector<std::unique_ptr<sql::PreparedStatement>> statements_;
};

void Answer(FCGX_Request& request, const Options& options, Work& work) {
  std::array<char, 4096> body;
  while (FCGX_GetStr(body.data(), body.size(), request.in) > 0) {
  }
  work.Run();
  FCGX_PutStr(options.answer.data(), static_cast<int>(options.answer.size()), request.out);
  FCGX_Finish_r(&request);
}

void ServePlain(const Options& options) {
  Work work(options);
  FCGX_Request request;
  Require(FCGX_InitRequest(&request, kListener, 0) == 0, "FCGX_InitRequest");
  while (FCGX_Accept_r(&request) == 0) Answer(request, options, work);
}

void Arm(int epoll, int how, int fd) {
  epoll_event event{.events = EPOLLIN | EPOLLONESHOT, .data = {.fd = fd}};
  Require(epoll_ctl(epoll, how, fd, &event) == 0, "epoll_ctl");
}

void ServeParked(const Options& options, int epoll) {
  Work work(options);
  FCGX_Request request;
  Require(FCGX_InitRequest(&request, -1, 0) == 0, "FCGX_InitRequest");
  while (true) {
    epoll_event event{};
    if (epoll_wait(epoll, &event, 1, -1) != 1) continue;
    if (event.data.fd == kListener) {
      // One, as latchkey-web does, so that each process has its share of a burst.
      const int fd = accept4(kListener, nullptr, nullptr, SOCK_CLOEXEC);
      if (fd >= 0) Arm(epoll, EPOLL_CTL_ADD, fd);
      Arm(epoll, EPOLL_CTL_MOD, kListener);
      continue;
    }
    request.ipcFd = event.data.fd;
    request.keepConnection = 1;
    if (FCGX_Accept_r(&request) != 0) continue;  // the web server closed it
    Answer(request, options, work);
    const int kept = request.ipcFd;
    request.ipcFd = -1;
    if (kept >= 0) Arm(epoll, EPOLL_CTL_MOD, kept);
  }
}

int Serve(const Options& options) {
  if (!options.statements.empty()) sql::mysql::get_mysql_driver_instance();  // it races in threads
  std::signal(SIGTERM, [](int) { _exit(0); });  // the library would take it and go on
  setenv("LIBFCGI_OS_CLOSE_POLL_TIMEOUT", "100", 1);
  Require(FCGX_Init() == 0, "FCGX_Init");
  const int epoll = epoll_create1(EPOLL_CLOEXEC);
  Require(epoll >= 0, "epoll_create1");
  if (options.parked) Arm(epoll, EPOLL_CTL_ADD, kListener);
  std::vector<std::thread> threads;
  for (int i = 0; i < options.threads; ++i) {
    threads.emplace_back([&] { options.parked ? ServeParked(options, epoll) : ServePlain(options); });
  }
  for (std::thread& thread : threads) thread.join();
  return 1;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return Serve(Parse(argc, argv));
  } catch (const sql::SQLException& error) {
    std::fprintf(stderr, "control: %s\n", error.what());
    return 1;
  }
}
