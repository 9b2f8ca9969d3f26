/// Results as comma-separated values.
#pragma once

#include <memory>
#include <string>

#include "sink/csv_format.hpp"
#include "sink/output_file.hpp"
#include "sink/result_sink.hpp"

namespace retinue {

/// A header, then the rows of every result. A regular file is up to date whenever a source ends; a
/// pipe or terminal after every result.
class CsvSink final : public ResultSink {
 public:
  /// "-" is stdout. `format` is not null. Errors as OutputFile::create and ::append.
  static Result<std::unique_ptr<CsvSink>> create(const std::string& path,
                                                 std::unique_ptr<CsvFormat> format);

  Result<void> write(const FrameResult& result, const Preview* preview) override;
  Result<void> finish(Completion completion) override;

 private:
  CsvSink(OutputFile file, std::unique_ptr<CsvFormat> format)
      : file_(std::move(file)), format_(std::move(format)) {}

  OutputFile file_;
  std::unique_ptr<CsvFormat> format_;
  std::string rows_;
  std::shared_ptr<const std::string> source_;
};

}  // namespace retinue
