// As many frames as FFmpeg's own tools deliver, from whole and from damaged files.

#include <filesystem>
#include <fstream>
#include <random>
#include <set>

#include <gmock/gmock.h>

#include "media/decode_all.hpp"
#include "media/media_test.hpp"

namespace retinue {
namespace {

namespace fs = std::filesystem;

class FrameCount : public MediaTest {
 protected:
  /// Also opens what cannot be opened; then there must be no frame for ffprobe either.
  static void expect_frames_of_ffprobe(const std::string& file) {
    SCOPED_TRACE(file);
    const int expected = std::max(0, frames_by_ffprobe(file));
    const auto specs = expand_source(file);
    ASSERT_TRUE(specs);
    if (const auto source = open_source(specs->front()); !source) {
      EXPECT_EQ(expected, 0) << source.error().message();
      return;
    }
    const Decoded decoded = decode_all(file);
    EXPECT_EQ(static_cast<int>(decoded.frames.size()), expected);
    for (std::size_t i = 0; i < decoded.frames.size(); ++i) {
      ASSERT_EQ(decoded.frames[i].times().index, i);
    }
  }

  static void expect_frames_of_folder(const fs::path& folder) {
    if (mirror().empty()) GTEST_SKIP() << "RETINUE_MIRROR names no folder with media";
    std::set<fs::path> files;
    for (const auto& entry : fs::recursive_directory_iterator(mirror() / folder)) {
      if (entry.is_regular_file()) files.insert(entry.path());
    }
    ASSERT_GT(files.size(), 5u);
    for (const fs::path& file : files)
      expect_frames_of_ffprobe(file.string());
  }

  /// `bytes` with about one in `interval` replaced, none of the first `spared`.
  static std::string damaged(std::string bytes, unsigned seed, std::size_t interval,
                             std::size_t spared) {
    std::mt19937 random(seed);
    for (std::size_t at = spared + random() % interval; at < bytes.size();
         at += 1 + random() % (2 * interval)) {
      bytes[at] = static_cast<char>(random());
    }
    return bytes;
  }
};

TEST_F(FrameCount, EqualsFfprobesForTheFacesVideos) {
  expect_frames_of_folder("videos/faces");
}

TEST_F(FrameCount, EqualsFfprobesForThePersonsVideos) {
  expect_frames_of_folder("videos/persons");
}

TEST_F(FrameCount, EqualsFfprobesForTheOddFiles) {
  expect_frames_of_folder("robust/derived");
}

TEST_F(FrameCount, EqualsFfprobesForTheRealOddFiles) {
  expect_frames_of_folder("robust/real");
}

TEST_F(FrameCount, EqualsFfprobesForThePictures) {
  expect_frames_of_folder("robust/images");
}

TEST_F(FrameCount, EqualsFfprobesForDamagedBytes) {
  constexpr std::size_t kHead = 1024;
  for (const std::string name :
       {"a.ts", "a.mkv", "a.avi", "a.flv", "a.h264", "a.mjpeg", "a.webm", "a.hevc", "a.gif"}) {
    const std::string whole =
        bytes_of(make("-f lavfi -i testsrc2=s=160x96:r=25:d=2 -g 12", "whole" + name.substr(1)));
    for (unsigned seed = 0; seed < 4; ++seed) {
      const std::string file = put(std::to_string(seed) + name, damaged(whole, seed, 600, kHead));
      expect_frames_of_ffprobe(file);
    }
  }
}

TEST_F(FrameCount, EqualsFfprobesForAnIndexedFileWithDamagedPictures) {
  const std::string whole =
      bytes_of(make("-f lavfi -i testsrc2=s=160x96:r=25:d=2 -g 12 -movflags +faststart", "a.mp4"));
  const std::size_t pictures = whole.find("mdat");
  ASSERT_NE(pictures, std::string::npos);
  for (unsigned seed = 0; seed < 8; ++seed) {
    expect_frames_of_ffprobe(
        put(std::to_string(seed) + ".mp4", damaged(whole, seed, 400, pictures + 8)));
  }
  for (const double kept : {0.3, 0.6, 0.9, 0.99}) {
    const auto size = static_cast<std::size_t>(static_cast<double>(whole.size()) * kept);
    expect_frames_of_ffprobe(put(std::to_string(size) + ".mp4", whole.substr(0, size)));
  }
}

TEST_F(FrameCount, EqualsFfprobesForStreamsThatStartInTheMiddle) {
  for (const std::string name : {"a.ts", "a.h264", "a.mjpeg", "a.mpeg"}) {
    const std::string whole = bytes_of(make("-f lavfi -i testsrc2=s=160x96:r=25:d=2 -g 12", name));
    for (const std::size_t part : {5u, 3u, 2u}) {
      expect_frames_of_ffprobe(
          put(std::to_string(part) + name, whole.substr(whole.size() / part + 77)));
    }
  }
}

TEST_F(FrameCount, IsTheSameWithMoreThreads) {
  for (const std::string name : {"a.mp4", "a.mkv", "a.webm"}) {
    const std::string file = make("-f lavfi -i testsrc2=s=160x96:r=25:d=2 -g 12", name);
    EXPECT_EQ(decode_all(file, {.threads = 3}).frames.size(), 50u) << name;
  }
}

TEST_F(FrameCount, GivesAFailureWithItsTimeForAPacketThatCannotBeDecoded) {
  // One packet a picture; the compressed bytes of one of them are overwritten.
  const std::string whole =
      bytes_of(make("-f lavfi -i testsrc2=s=160x96:r=25:d=1 -c:v png -write_crc32 0", "whole.mkv"));
  std::size_t at = 0;
  for (int picture = 0; picture <= 10; ++picture)
    at = whole.find("\x89PNG", at + 1);
  std::string bytes = whole;
  bytes.replace(at + 60, 64, std::string(64, 'x'));
  const std::string file = put("a.mkv", bytes);
  const Decoded decoded = decode_all(file);

  EXPECT_EQ(decoded.frames.size(), 24u);
  EXPECT_EQ(frames_by_ffprobe(file), 24);
  ASSERT_EQ(decoded.failures.size(), 1u);
  EXPECT_DOUBLE_EQ(decoded.failures[0].time.seconds(), 0.4);
  EXPECT_THAT(decoded.failures[0].message,
              testing::AllOf(testing::HasSubstr("a.mkv' at 0.400"), testing::HasSubstr("damaged")));
}

}  // namespace
}  // namespace retinue
