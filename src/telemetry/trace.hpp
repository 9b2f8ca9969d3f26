/// What ran when, on which thread: a file for Perfetto (ui.perfetto.dev) or chrome://tracing.
#pragma once

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "base/mutex.hpp"
#include "base/result.hpp"

namespace retinue {

/// Writes "complete" events of Chrome's trace format as they end. Threads appear under their names.
/// Thread-safe; a span costs about a microsecond.
class Trace {
 public:
  using Clock = std::chrono::steady_clock;

  /// Creates or truncates `path`.
  ///
  /// Errors  unavailable: it cannot be opened.
  static Result<std::unique_ptr<Trace>> create(const std::string& path);

  /// `frame`: the number that the span's frame has in its source, if it is one's.
  void add(std::string_view name, Clock::time_point begin, Clock::time_point end,
           std::optional<std::uint64_t> frame);

  /// Ends the file. Nothing may be added afterwards.
  ///
  /// Errors  resource_exhausted: not all of it could be written.
  Result<void> finish();

 private:
  struct FileCloser {
    void operator()(std::FILE* file) const;
  };

  Trace(std::string path, std::FILE* file) : path_(std::move(path)), file_(file) {}

  void write(const std::string& event) REQUIRES(mutex_);
  void name_thread(long thread) REQUIRES(mutex_);

  std::string path_;
  Clock::time_point start_ = Clock::now();
  Mutex mutex_;
  std::unique_ptr<std::FILE, FileCloser> file_ GUARDED_BY(mutex_);
  std::set<long> threads_ GUARDED_BY(mutex_);
  std::string event_ GUARDED_BY(mutex_);
  bool first_ GUARDED_BY(mutex_) = true;
  bool failed_ GUARDED_BY(mutex_) = false;
};

}  // namespace retinue
