#include "base/log.h"

#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/syslog_sink.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <mutex>

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

// Writes each line in one call, which the kernel keeps whole beside other threads' and processes', and
// not under a mutex as spdlog's sinks do: all threads of a flood would wait there for the disk.
class StderrSink final : public spdlog::sinks::sink {
 public:
  void log(const spdlog::details::log_msg& message) override {
    spdlog::memory_buf_t line;
    {
      const std::lock_guard lock(mutex_);
      formatter_->format(message, line);
    }
    Write({line.data(), line.size()});
  }
  void flush() override {}
  void set_pattern(const std::string& pattern) override {
    set_formatter(std::make_unique<spdlog::pattern_formatter>(pattern));
  }
  void set_formatter(std::unique_ptr<spdlog::formatter> formatter) override {
    const std::lock_guard lock(mutex_);
    formatter_ = std::move(formatter);
  }

 private:
  // A line that stderr does not take is lost: there is nobody to tell.
  static void Write(std::string_view line) {
    while (!line.empty()) {
      const ssize_t written = write(STDERR_FILENO, line.data(), line.size());
      if (written < 0 && errno == EINTR) continue;
      if (written <= 0) return;
      line.remove_prefix(static_cast<size_t>(written));
    }
  }

  std::mutex mutex_;  // the formatter keeps the last second's text
  std::unique_ptr<spdlog::formatter> formatter_ = std::make_unique<spdlog::pattern_formatter>();
};

std::shared_ptr<spdlog::logger> MakeStderrLogger(std::string_view program) {
  auto logger =
      std::make_shared<spdlog::logger>(std::string(program), std::make_shared<StderrSink>());
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
