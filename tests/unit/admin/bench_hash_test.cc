#include <gtest/gtest.h>

#include <chrono>
#include <regex>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "admin/commands.h"
#include "password/scheme.h"

namespace latchkey::admin {
namespace {

using password::Scheme;
using password::Strength;
using std::chrono::milliseconds;

// What `latchkey bench-hash --time <ms>` prints when hashes take what the stopwatch says.
std::vector<std::string> Rows(const char* ms, const Stopwatch& stopwatch, Options options = {}) {
  std::istringstream in;
  std::ostringstream out;
  options["--time"] = ms;
  EXPECT_EQ(BenchHash(options, {in, out, out}, stopwatch), kYes);
  std::vector<std::string> rows;
  std::istringstream lines(out.str());
  for (std::string line; std::getline(lines, line);) rows.push_back(line);
  return rows;
}

// What is proposed, where the cost that is tried takes 4 ms.
std::string Proposal(const Scheme& scheme) {
  if (!scheme.writes()) return "read only";
  return scheme.written_strength().kind == Strength::Kind::kFast ? "-" : R"(\S+ \(4\.000\))";
}

TEST(BenchHash, MeasuresEverySchemeAndProposesACostWhereThereIsOneToChoose) {
  // At first a hash takes 40 ms, and of the cost that is tried then 4.
  const Scheme* last = nullptr;
  const auto rows = Rows("5", [&](const Scheme& scheme, const std::string&) {
    return milliseconds(std::exchange(last, &scheme) == &scheme ? 4 : 40);
  });
  const std::vector<const Scheme*> schemes = password::AllSchemes();
  ASSERT_EQ(rows.size(), schemes.size() + 1);
  EXPECT_TRUE(rows[0].ends_with("  cost for 5 ms (measured)")) << rows[0];
  for (size_t i = 0; i < schemes.size(); ++i) {
    const Scheme& scheme = *schemes[i];
    const std::string name(scheme.name());
    const std::regex row(name + R"( +40\.0 +\d+ [KM]iB  )" + Proposal(scheme));
    EXPECT_TRUE(std::regex_match(rows[i + 1], row)) << rows[i + 1];
  }
}

TEST(BenchHash, TurnsDownAProposalThatTakesTooLong) {
  // Each step of cost beyond the one that is stored now, 12, takes three times as long.
  std::vector<std::string> measured;
  const auto rows = Rows("80",
                         [&](const Scheme& scheme, const std::string& stored) {
                           const std::string cost(scheme.CostOf(stored));
                           measured.push_back(cost);
                           milliseconds time(10);
                           for (int more = std::stoi(cost) - 12; more > 0; --more) time *= 3;
                           return time;
                         },
                         {{"--only", "bcrypt"}});
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_EQ(measured, (std::vector<std::string>{"12", "15", "13"}));
  EXPECT_TRUE(rows[1].ends_with("  13 (30.0)")) << rows[1];
}

}  // namespace
}  // namespace latchkey::admin
