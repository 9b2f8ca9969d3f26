#include "worker/second_pass.hpp"

#include <cstddef>
#include <utility>

namespace retinue {

Result<SecondPass> SecondPass::create() {
  RecordSpool spool = TRY(RecordSpool::create());
  return SecondPass(std::move(spool));
}

Result<std::int64_t> SecondPass::write(const OpenFacePredictors& predictors,
                                       SourceOutputs& outputs) {
  history_.correct(predictors);
  TRY(spool_.rewind());
  FrameResult result;
  std::int64_t written = 0;
  std::size_t frame = 0;
  for (;;) {
    const bool found = TRY(spool_.next(result));
    if (!found) return written;
    if (result.frame) history_.apply(frame++, result.faces);
    TRY(outputs.write_record(result));
    ++written;
  }
}

}  // namespace retinue
