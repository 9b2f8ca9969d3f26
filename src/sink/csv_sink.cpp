#include "sink/csv_sink.hpp"

#include <utility>

namespace retinue {

Result<std::unique_ptr<CsvSink>> CsvSink::create(const std::string& path,
                                                 std::unique_ptr<CsvFormat> format) {
  OutputFile file = TRY(OutputFile::create(path));
  std::string header;
  format->append_header(header);
  TRY(file.append(header));
  return std::unique_ptr<CsvSink>(new CsvSink(std::move(file), std::move(format)));
}

Result<void> CsvSink::write(const FrameResult& result, const Preview* /*preview*/) {
  if (std::exchange(source_, result.source) != result.source) TRY(file_.flush());
  rows_.clear();
  format_->append_rows(rows_, result);
  return file_.append(rows_);
}

Result<void> CsvSink::finish(Completion completion) {
  return file_.close(completion);
}

}  // namespace retinue
