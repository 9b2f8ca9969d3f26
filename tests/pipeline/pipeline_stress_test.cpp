// Many short runs, so that a sanitizer sees the beginnings and the ends of threads meet.
#include <cstdint>
#include <vector>

#include <gtest/gtest.h>

#include "pipeline/pipeline_rig.hpp"

namespace retinue {
namespace {

/// Work of a length that differs from frame to frame.
void spin(FrameAnalysis& analysis) {
  volatile std::uint64_t sum = 0;
  const std::uint64_t rounds = analysis.frame.times().index * 7919 % 2000;
  for (std::uint64_t i = 0; i < rounds; ++i)
    sum = sum + i;
}

TEST(PipelineStress, ManyRunsOfManyFramesKeepTheirOrder) {
  const LaneRig rig(4, spin);
  for (std::uint64_t run = 0; run < 100; ++run) {
    CallbackProducer producer = frames(run);
    Recorder recorder;
    ASSERT_TRUE(rig.run(producer, recorder, {.queue = run % 3}));
    ASSERT_EQ(recorder.lines, lines_of_frames(run)) << run;
  }
}

TEST(PipelineStress, ManyRunsEndAtTheConsumersError) {
  const LaneRig rig(4, spin);
  for (std::uint64_t run = 0; run < 100; ++run) {
    CallbackProducer endless([](std::uint64_t n) { return numbered_frame(n); });
    Recorder recorder([run](const AnalysedItem& item) -> Result<void> {
      if (std::get<AnalysedFrame>(item.content).frame.times().index < run) return {};
      return fail(ErrorCode::resource_exhausted, "full");
    });
    ASSERT_FALSE(rig.run(endless, recorder, {.queue = run % 3}));
    ASSERT_EQ(recorder.lines, lines_of_frames(run + 1)) << run;
  }
}

}  // namespace
}  // namespace retinue
