/// Results as JSON lines.
#pragma once

#include <memory>
#include <string>

#include "sink/output_file.hpp"
#include "sink/result_sink.hpp"

namespace retinue {

/// One object a line, as append_json writes it. A regular file is up to date whenever a source
/// ends; a pipe or terminal after every line.
class JsonlSink final : public ResultSink {
 public:
  /// "-" is stdout. Errors as OutputFile::create.
  static Result<std::unique_ptr<JsonlSink>> create(const std::string& path);

  Result<void> write(const FrameResult& result, const Preview* preview) override;
  Result<void> finish(Completion completion) override;

 private:
  explicit JsonlSink(OutputFile file) : file_(std::move(file)) {}

  OutputFile file_;
  std::string line_;
  std::shared_ptr<const std::string> source_;
};

}  // namespace retinue
