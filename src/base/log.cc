#include "base/log.h"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/sinks/syslog_sink.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <memory>

#include "base/text.h"

namespace latchkey::log {
namespace {

spdlog::level::level_enum ToSpdlog(Level level) {
  switch (level) {
    case Level::kDebug: return spdlog::level::debug;
    case Level::kInfo: return spdlog::level::info;
    case Level::kWarning: return spdlog::level::warn;
    case Level::kError: return spdlog::level::err;
    case Level::kNone: return spdlog::level::off;
  }
  return spdlog::level::info;
}

std::shared_ptr<spdlog::logger> MakeStderrLogger(std::string_view program) {
  auto logger = std::make_shared<spdlog::logger>(std::string(program),
                                                 std::make_shared<spdlog::sinks::stderr_sink_mt>());
  logger->set_pattern("%Y-%m-%dT%H:%M:%S.%eZ %l %n %v", spdlog::pattern_time_type::utc);
  return logger;
}

std::shared_ptr<spdlog::logger>& Logger() {
  static std::shared_ptr<spdlog::logger> logger = MakeStderrLogger("latchkey");
  return logger;
}

void Write(Level level, std::string_view event, Fields fields) {
  spdlog::logger& logger = *Logger();
  const auto spdlog_level = ToSpdlog(level);
  if (!logger.should_log(spdlog_level)) return;
  const std::string line = Format(event, fields);
  logger.log(spdlog_level, spdlog::string_view_t(line.data(), line.size()));
}

bool NeedsQuotes(std::string_view value) {
  return value.empty() || value.find_first_of(" \"=") != std::string_view::npos;
}

}  // namespace

void Start(std::string_view program, Target target, Level lowest) {
  if (target == Target::kSyslog) {
    auto sink = std::make_shared<spdlog::sinks::syslog_sink_mt>(std::string(program), LOG_PID,
                                                                LOG_AUTHPRIV, /*formatting=*/true);
    Logger() = std::make_shared<spdlog::logger>(std::string(program), std::move(sink));
    Logger()->set_pattern("%v");
  } else {
    Logger() = MakeStderrLogger(program);
  }
  Logger()->set_level(ToSpdlog(lowest));
  Logger()->flush_on(spdlog::level::debug);
}

std::string Format(std::string_view event, Fields fields) {
  std::string line(event);
  for (const Field& field : fields) {
    line += ' ';
    line += field.name;
    line += '=';
    std::string value = EscapeControls(field.value);
    if (!NeedsQuotes(value)) {
      line += value;
      continue;
    }
    std::replace(value.begin(), value.end(), '"', '\'');
    line += '"';
    line += value;
    line += '"';
  }
  return line;
}

void Debug(std::string_view event, Fields fields) { Write(Level::kDebug, event, fields); }
void Info(std::string_view event, Fields fields) { Write(Level::kInfo, event, fields); }
void Warning(std::string_view event, Fields fields) { Write(Level::kWarning, event, fields); }
void Error(std::string_view event, Fields fields) { Write(Level::kError, event, fields); }

}  // namespace latchkey::log
