// commands.h -- what each subcommand does; the table that names them is in admin.cc

#pragma once

#include <chrono>
#include <functional>

#include "admin/admin.h"
#include "config/config.h"
#include "password/scheme.h"

namespace latchkey::admin {

// check_config.cc
int CheckConfig(const Options& options, Io io);
// schema.cc
int PrintSchema(const Options& options, Io io);
// limits.cc
int ShowLimits(const Options& options, Io io);
int ClearLimits(const Options& options, Io io);
// One line, for check-config: the size of the table, and what the ceilings ask of it.
void PrintLimits(const Options& options, std::ostream& out);
inline constexpr std::string_view kPeerOrAddress = "PEER|ADDRESS";
// bench_hash.cc
int BenchHash(const Options& options, Io io);
// The same with another word on how long verifying a stored text takes.
using Stopwatch = std::function<std::chrono::duration<double, std::milli>(
    const password::Scheme& scheme, const std::string& stored)>;
int BenchHash(const Options& options, Io io, const Stopwatch& stopwatch);
// Two lines, for check-config: how many hash at a time, and the memory that takes at most.
void PrintHashing(const config::Admin& settings, std::ostream& out);
// connections.cc
// One line, for check-config: the connections to the database that all programs may have. False: the
// server allows fewer, which is told.
bool CheckConnections(const std::string& path, const config::Supervisor& settings, Io io);
// hash.cc
int MakeHash(const Options& options, Io io);
int VerifyHash(const Options& options, Io io);
int DetectHash(const Options& options, Io io);
int ListSchemes(const Options& options, Io io);

// queue.cc
int ShowQueue(const Options& options, Io io);
int ListQueue(const Options& options, Io io);
int RetryQueue(const Options& options, Io io);
int DropQueue(const Options& options, Io io);
// links.cc
int RevokeLinks(const Options& options, Io io);
int MailLink(const Options& options, Io io);

// The file that --config names, or the default.
std::string ConfigPath(const Options& options);

}  // namespace latchkey::admin
