/// Results that wait on the disk until their source has ended.
#pragma once

#include <cstddef>
#include <cstdio>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/result.hpp"
#include "perception/frame_result.hpp"

namespace retinue {

/// Written once, front to back, then read once. The file has no name and is gone with the object;
/// it lies in the folder for temporary files (TMPDIR). About 7 kB a face with its mesh; in memory
/// it has one record at a time. Thread-bound.
///
/// Keeps what a recording's record has: neither hidden regions, which are of pictures, nor what
/// only live sources have.
class RecordSpool {
 public:
  /// Errors  resource_exhausted: there is no place for the file.
  static Result<RecordSpool> create();

  /// All results are of one source and have the same tasks.
  ///
  /// Errors  resource_exhausted: the disk is full. Nothing may be called after it.
  Result<void> append(const FrameResult& result);

  /// From here on `next` is called, and `append` no more. Errors as append.
  Result<void> rewind();

  /// Sets `result` to the next one, with the memory that it has. False: there are no more.
  ///
  /// Errors  resource_exhausted: the file cannot be read.
  Result<bool> next(FrameResult& result);

  std::size_t size() const { return size_; }

 private:
  struct Close {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };

  RecordSpool(std::string folder, std::FILE* file) : folder_(std::move(folder)), file_(file) {}

  std::string folder_;
  std::unique_ptr<std::FILE, Close> file_;
  std::vector<std::byte> record_;
  std::size_t size_ = 0;
  std::shared_ptr<const std::string> source_;
  TaskSet tasks_;
};

}  // namespace retinue
