#include "sink/video_sink.hpp"

#include <fcntl.h>

#include <cmath>

#include <gmock/gmock.h>

#include "base/unique_fd.hpp"
#include "perception/example_result.hpp"
#include "sink/decoded_video.hpp"
#include "sink/output_test.hpp"
#include "sink/painted_picture.hpp"

namespace retinue {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr Bgr kGray = {128, 128, 128};
constexpr Bgr kWhite = {255, 255, 255};

/// A frame at `time_ms` that shows nobody.
FrameResult frame_at(std::uint64_t frame, int time_ms) {
  FrameResult result = empty_result(frame);
  result.time = {std::chrono::milliseconds(time_ms)};
  return result;
}

/// Draws nothing, so that pixels can be compared.
VideoSettings plain() {
  return {.overlay = {.caption = false}};
}

class VideoSinkTo : public OutputTest {
 protected:
  void SetUp() override {
    OutputTest::SetUp();
    auto sink = VideoSink::create(path("a.mp4"), plain());
    ASSERT_TRUE(sink);
    sink_ = *std::move(sink);
  }

  void write(const FrameResult& result, PaintedPicture picture) {
    const Preview preview = picture.preview();
    const Result<void> written = sink_->write(result, &preview);
    ASSERT_TRUE(written) << written.error().message();
  }

  DecodedVideo finished(Completion completion = Completion::complete) {
    const Result<void> closed = sink_->finish(completion);
    EXPECT_TRUE(closed) << closed.error().message();
    return decode_video(path("a.mp4"));
  }

  std::unique_ptr<VideoSink> sink_;
};

TEST_F(VideoSinkTo, WantsPictures) {
  EXPECT_TRUE(sink_->wants_preview());
}

TEST_F(VideoSinkTo, HasOneFrameForEachOfTheSource) {
  for (int i = 0; i < 40; ++i)
    write(frame_at(static_cast<std::uint64_t>(i), i * 40), PaintedPicture({64, 48}, kGray));

  const DecodedVideo video = finished();

  EXPECT_EQ(video.times_s.size(), 40U);
  EXPECT_EQ(video.size, (Size{64, 48}));
  EXPECT_NEAR(video.duration_s, 1.6, 0.001);
}

TEST_F(VideoSinkTo, KeepsTimesThatVary) {
  const std::vector<int> times_ms = {0, 40, 45, 300, 1300, 1340};
  for (std::size_t i = 0; i < times_ms.size(); ++i)
    write(frame_at(i, times_ms[i]), PaintedPicture({64, 48}, kGray));

  const DecodedVideo video = finished();

  ASSERT_EQ(video.times_s.size(), times_ms.size());
  for (std::size_t i = 0; i < times_ms.size(); ++i)
    EXPECT_NEAR(video.times_s[i], times_ms[i] / 1000.0, 1e-4);  // The file's tick is 1.1e-5 s.
}

TEST_F(VideoSinkTo, StaysValidWhenTimesDoNotIncrease) {
  std::uint64_t frame = 0;
  for (const int time_ms : {0, 40, 40, 0, 80})
    write(frame_at(frame++, time_ms), PaintedPicture({64, 48}, kGray));

  const DecodedVideo video = finished();

  EXPECT_EQ(video.times_s.size(), 5U);
  EXPECT_TRUE(std::ranges::is_sorted(video.times_s, std::ranges::less_equal()))
      << "each after the one before";
}

TEST_F(VideoSinkTo, IsWhatBrowsersPlay) {
  write(frame_at(0, 0), PaintedPicture({1280, 720}, kGray));
  const DecodedVideo video = finished();

  EXPECT_EQ(video.codec, "h264");
  EXPECT_EQ(video.profile, "High");
  EXPECT_EQ(video.pixel_format, "yuv420p");
  EXPECT_EQ(video.matrix, "bt709");
  EXPECT_EQ(video.range, "tv");
  EXPECT_THAT(mp4_boxes(content("a.mp4")), ElementsAre("ftyp", "moov", "free", "mdat"))
      << "the index stands in front";
}

TEST_F(VideoSinkTo, TagsSmallPicturesAsBt601) {
  write(frame_at(0, 0), PaintedPicture({640, 360}, kGray));

  EXPECT_EQ(finished().matrix, "smpte170m");
}

TEST_F(VideoSinkTo, ShowsTheColoursOfThePicture) {
  PaintedPicture picture({64, 48}, kWhite);
  for (int y = 0; y < 48; ++y) {
    for (int x = 0; x < 32; ++x)
      picture.set(x, y, {0, 0, 255});
  }
  write(frame_at(0, 0), picture);

  const DecodedVideo video = finished();

  // BT.601 limited range: red is 16 + 219 * 0.299 = 81, white 235; the codec costs a little.
  EXPECT_NEAR(video.luma_at(0, 8, 24), 81, 4);
  EXPECT_NEAR(video.luma_at(0, 56, 24), 235, 4);
}

TEST_F(VideoSinkTo, RepeatsTheLastColumnAndRowOfOddPictures) {
  PaintedPicture picture({33, 17}, kGray);
  for (int y = 0; y < 17; ++y)
    picture.set(32, y, kWhite);
  write(frame_at(0, 0), picture);

  const DecodedVideo video = finished();

  EXPECT_EQ(video.size, (Size{34, 18}));
  EXPECT_NEAR(video.luma_at(0, 33, 8), video.luma_at(0, 32, 8), 12) << "the column was repeated";
  EXPECT_GT(video.luma_at(0, 33, 8), 200);
  EXPECT_NEAR(video.luma_at(0, 8, 17), video.luma_at(0, 8, 16), 12) << "the row was repeated";
}

TEST_F(VideoSinkTo, TakesAPictureOfOnePixel) {
  write(frame_at(0, 0), PaintedPicture({1, 1}, kGray));

  EXPECT_EQ(finished().size, (Size{2, 2}));
}

TEST_F(VideoSinkTo, KeepsTheFirstSizeAndLetterboxesTheRest) {
  write(frame_at(0, 0), PaintedPicture({160, 80}, kWhite));
  write(frame_at(1, 40), PaintedPicture({101, 101}, kWhite));
  write(frame_at(2, 80), PaintedPicture({320, 40}, kWhite));

  const DecodedVideo video = finished();

  EXPECT_EQ(video.size, (Size{160, 80}));
  ASSERT_EQ(video.luma.size(), 3U);
  EXPECT_GT(video.luma_at(0, 4, 40), 200);
  EXPECT_LT(video.luma_at(1, 20, 40), 40) << "black beside a square";
  EXPECT_GT(video.luma_at(1, 80, 40), 200);
  EXPECT_LT(video.luma_at(1, 140, 40), 40);
  EXPECT_LT(video.luma_at(2, 80, 10), 40) << "black above a strip";
  EXPECT_GT(video.luma_at(2, 80, 40), 200);
  EXPECT_LT(video.luma_at(2, 80, 70), 40);
}

TEST_F(VideoSinkTo, SkipsResultsWithoutAFrame) {
  write(frame_at(0, 0), PaintedPicture({64, 48}, kGray));
  ASSERT_TRUE(sink_->write(error_result(), nullptr));
  write(frame_at(1, 80), PaintedPicture({64, 48}, kGray));

  EXPECT_THAT(finished().times_s,
              ElementsAre(testing::DoubleNear(0, 1e-4), testing::DoubleNear(0.08, 1e-4)));
}

TEST_F(VideoSinkTo, IsValidAndMarkedWhenTheRunWasInterrupted) {
  for (int i = 0; i < 5; ++i)
    write(frame_at(static_cast<std::uint64_t>(i), i * 40), PaintedPicture({64, 48}, kGray));
  EXPECT_FALSE(is_complete(path("a.mp4")));

  EXPECT_EQ(finished(Completion::partial).times_s.size(), 5U);
  EXPECT_FALSE(is_complete(path("a.mp4")));
}

TEST_F(VideoSinkTo, IsCompleteInTheEnd) {
  write(frame_at(0, 0), PaintedPicture({64, 48}, kGray));
  finished();

  EXPECT_TRUE(is_complete(path("a.mp4")));
}

TEST_F(VideoSinkTo, LeavesNoFileWithoutFrames) {
  ASSERT_TRUE(sink_->write(error_result(), nullptr));
  ASSERT_TRUE(sink_->finish(Completion::complete));

  EXPECT_FALSE(exists("a.mp4"));
  EXPECT_FALSE(exists("a.mp4.incomplete"));
}

class VideoSinkOf : public OutputTest {};

TEST_F(VideoSinkOf, DrawsWhatWasMeasured) {
  auto sink = VideoSink::create(path("a.mp4"), {});
  ASSERT_TRUE(sink);
  PaintedPicture picture({640, 360}, kGray);
  const Preview preview = picture.preview();
  ASSERT_TRUE((*sink)->write(example_result(), &preview));
  ASSERT_TRUE((*sink)->finish(Completion::complete));

  const DecodedVideo video = decode_video(path("a.mp4"));
  const auto [darkest, lightest] = std::ranges::minmax(video.luma.at(0));
  EXPECT_GT(lightest - darkest, 60);
}

TEST_F(VideoSinkOf, TakesNamesThatLookLikeAddresses) {
  auto sink = VideoSink::create(path("cam:1.mp4"), plain());
  ASSERT_TRUE(sink);
  PaintedPicture picture({64, 48}, kGray);
  const Preview preview = picture.preview();
  ASSERT_TRUE((*sink)->write(frame_at(0, 0), &preview));
  ASSERT_TRUE((*sink)->finish(Completion::complete));

  EXPECT_EQ(decode_video(path("cam:1.mp4")).times_s.size(), 1U);
}

TEST_F(VideoSinkOf, NamesAMissingFolder) {
  const auto sink = VideoSink::create(path("no/a.mp4"), {});

  ASSERT_FALSE(sink);
  EXPECT_EQ(sink.error().code(), ErrorCode::not_found);
  EXPECT_THAT(sink.error().message(), HasSubstr("does not exist"));
}

TEST_F(VideoSinkOf, IsAFragmentedFileWhenItIsAPipe) {
  // A file that stands in for the reader of the pipe: named by its descriptor, so it is not sought.
  const UniqueFd file(::open(path("a.mp4").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  auto sink = VideoSink::create("/dev/fd/" + std::to_string(file.get()), plain());
  ASSERT_TRUE(sink);
  PaintedPicture picture({64, 48}, kGray);
  const Preview preview = picture.preview();
  for (int i = 0; i < 5; ++i)
    ASSERT_TRUE((*sink)->write(frame_at(static_cast<std::uint64_t>(i), i * 40), &preview));
  ASSERT_TRUE((*sink)->finish(Completion::complete));

  EXPECT_THAT(mp4_boxes(content("a.mp4")), testing::Contains("moof"));
  EXPECT_EQ(decode_video(path("a.mp4")).times_s.size(), 5U);
}

TEST(VideoSink, NamesTheFileWhenTheDiskIsFull) {
  auto sink = VideoSink::create("/dev/full", plain());
  ASSERT_TRUE(sink);
  PaintedPicture picture({64, 48}, kGray);
  const Preview preview = picture.preview();
  Result<void> written = (*sink)->write(frame_at(0, 0), &preview);
  if (written) written = (*sink)->finish(Completion::complete);

  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().code(), ErrorCode::resource_exhausted);
  EXPECT_EQ(written.error().message(), "writing '/dev/full': no space left on device");
}

}  // namespace
}  // namespace retinue
