#include "sink/jsonl_sink.hpp"

#include <utility>

namespace retinue {

Result<std::unique_ptr<JsonlSink>> JsonlSink::create(const std::string& path) {
  OutputFile file = TRY(OutputFile::create(path));
  return std::unique_ptr<JsonlSink>(new JsonlSink(std::move(file)));
}

Result<void> JsonlSink::write(const FrameResult& result, const Preview* /*preview*/) {
  if (std::exchange(source_, result.source) != result.source) TRY(file_.flush());
  line_.clear();
  append_json(line_, result);
  line_ += '\n';
  return file_.append(line_);
}

Result<void> JsonlSink::finish(Completion completion) {
  return file_.close(completion);
}

}  // namespace retinue
