// Once it has seen all its frames, a run allocates nothing for the next: neither in the pipeline,
// the sampler, postprocessing and tracking nor anywhere else in our code.
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "allocation/allocation_count.hpp"
#include "allocation/counted_run.hpp"
#include "media/default_models.hpp"

namespace retinue {
namespace {

class SteadyState : public MirrorTest, public testing::WithParamInterface<Way> {};

TEST_P(SteadyState, AllocatesNothingForAFrame) {
  // Several people; some are lost and found again.
  const std::vector<Frame> frames =
      first_frames(media("videos/faces/ptgaze_video03.mp4").string(), 20);
  const Result<AnalysisPlan> plan = create_plan(all_tasks(), default_models(), {});
  ASSERT_TRUE(plan) << plan.error().message();
  const Result<CountedRun> run = count_rounds(frames, *plan, GetParam());
  ASSERT_TRUE(run) << run.error().message();
  EXPECT_EQ(run->errors, 0);
  EXPECT_GT(run->faces, 0);
  EXPECT_EQ(run->pool.in_use, 0);
  ASSERT_FALSE(run->rounds.empty());
  // ONNX Runtime is known to allocate: where that is not seen, nothing was counted.
  EXPECT_GT(run->rounds.back().others, static_cast<std::int64_t>(frames.size()));
  EXPECT_EQ(run->rounds.back().own, 0) << own_allocations_by_module();
  // What one lane does depends on the frames alone: its second round is like all that follow.
  if (GetParam().sequential) {
    EXPECT_EQ(run->rounds.size(), 1U) << run->rounds.front().own;
  }
}

INSTANTIATE_TEST_SUITE_P(
    Ways, SteadyState,
    testing::Values(Way{.name = "Sequential", .sequential = true, .detect_every = 1},
                    Way{.name = "SequentialFollowing", .sequential = true, .detect_every = 5},
                    Way{.name = "Parallel", .detect_every = 1},
                    Way{.name = "ParallelFollowing", .detect_every = 5},
                    Way{.name = "Live", .live = true}),
    [](const testing::TestParamInfo<Way>& way) { return way.param.name; });

using SteadySource = MirrorTest;

TEST_F(SteadySource, AllocatesNothingOfOursForAPictureOfAVideo) {
  const std::string video = media("videos/faces/ptgaze_video00.mp4").string();
  const AllocationCount count =
      allocations_of_reading(expand_source(video)->front(), 30, 230, false);
  EXPECT_GT(count.others + (counts_malloc() ? 0 : 1), 0);
  EXPECT_EQ(count.own, 0) << own_allocations_by_module();
}

TEST(SteadyTestPicture, AllocatesNothingOfOursWhenItIsPaced) {
  const AllocationCount count =
      allocations_of_reading(expand_source("test:64x48@1000")->front(), 30, 130, true);
  EXPECT_EQ(count.own, 0) << own_allocations_by_module();
}

}  // namespace
}  // namespace retinue
