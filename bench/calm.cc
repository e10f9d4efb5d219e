// calm.cc -- hashes in a bare loop, under the permits that a site has
//
//   calm PAGE PERMITS STORED SECONDS     PAGE as in hashing.page; prints hashes per second

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <iostream>
#include <thread>
#include <vector>

#include "base/die.h"
#include "os/process.h"
#include "os/yield_often.h"
#include "password/permits.h"
#include "password/scheme.h"

int main(int argc, char** argv) {
  using namespace latchkey;
  using Clock = std::chrono::steady_clock;
  if (argc != 5) Die("usage: calm PAGE PERMITS STORED SECONDS");
  const std::string stored = argv[3];
  const int count = std::atoi(argv[2]);
  const password::Scheme* const scheme = password::RecogniseScheme(stored);
  if (scheme == nullptr || count < 1) Die("calm: no scheme has this text, or there are no permits");
  password::Permits permits = OrDie(password::Permits::Open(argv[1], count));

  std::atomic<int> hashed = 0;
  const Clock::time_point begun = Clock::now();
  const Clock::time_point end = begun + std::chrono::seconds(std::atoi(argv[4]));
  std::vector<std::thread> threads;
  for (int i = 0; i < count; ++i) {
    threads.emplace_back([&] {
      os::StandBack("bare");
      while (Clock::now() < end) {
        const auto permit = permits.Take(end + std::chrono::seconds(10));
        const os::YieldOften obliging;
        static_cast<void>(scheme->Verify("a password", stored));
        ++hashed;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  std::cout << hashed / std::chrono::duration<double>(Clock::now() - begun).count() << "\n";
}
