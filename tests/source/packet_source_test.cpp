#include "source/packet_source.hpp"

#include <unistd.h>

#include <array>
#include <cstring>
#include <filesystem>
#include <stop_token>

#include <gmock/gmock.h>

#include "base/ordinary_user.hpp"
#include "media/decode_all.hpp"
#include "media/media_test.hpp"
#include "source/http_server.hpp"
#include "source/paced_source.hpp"

namespace retinue {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using namespace std::chrono_literals;

class PacketSourceOf : public MediaTest {
 protected:
  static Result<std::unique_ptr<PacketSource>> open(const std::string& file,
                                                    const SourceSettings& settings = {}) {
    const SourceSpec spec = TRY(expand_source(file)).front();
    return open_source(spec, settings);
  }

  std::string make_video(const std::string& name, const std::string& arguments = "") const {
    return make("-f lavfi -i testsrc=s=64x48:r=25:d=1 " + arguments, name);
  }
};

void expect_error(const Result<std::unique_ptr<PacketSource>>& source, ErrorCode code,
                  const std::string& part) {
  ASSERT_FALSE(source);
  EXPECT_EQ(source.error().code(), code) << source.error().message();
  EXPECT_THAT(source.error().message(), HasSubstr(part));
}

TEST_F(PacketSourceOf, DescribesItsStream) {
  const auto source = open(make_video("a.mp4", "-c:v mpeg4"));

  ASSERT_TRUE(source);
  const StreamDescription& stream = *(*source)->stream();
  EXPECT_EQ(stream.source, path("a.mp4"));
  EXPECT_EQ(stream.codec_name, "mpeg4");
  EXPECT_EQ(stream.frames_per_s, 25);
  EXPECT_EQ(stream.frame_count, 25u);
  ASSERT_TRUE(stream.duration);
  EXPECT_DOUBLE_EQ(stream.duration->seconds(), 1);
  EXPECT_FALSE(stream.still_picture);
}

TEST_F(PacketSourceOf, EndsAndStaysAtItsEnd) {
  const auto source = open(make_video("a.mp4", "-c:v mpeg4 -frames:v 2"));

  ASSERT_TRUE(source);
  EXPECT_TRUE(std::holds_alternative<Packet>(*(*source)->read()));
  EXPECT_TRUE(std::holds_alternative<Packet>(*(*source)->read()));
  EXPECT_TRUE(std::holds_alternative<EndOfStream>(*(*source)->read()));
  EXPECT_TRUE(std::holds_alternative<EndOfStream>(*(*source)->read()));
}

TEST_F(PacketSourceOf, NamesAMissingFile) {
  expect_error(open_source({.name = path("gone.mp4")}), ErrorCode::not_found,
               "opening '" + path("gone.mp4") + "': no such file");
}

TEST_F(PacketSourceOf, SaysThatAFileIsEmpty) {
  expect_error(open(put("a.mp4", "")), ErrorCode::corrupt_input, "a.mp4': it is empty (0 bytes)");
  expect_error(open(put("a.jpg", "")), ErrorCode::corrupt_input, "a.jpg': it is empty (0 bytes)");
}

TEST_F(PacketSourceOf, SaysThatTextIsNoVideoWhateverItsName) {
  const std::string text = "Dear reader,\n\nthis is no video at all.\n";
  for (const std::string name : {"a.mp4", "a.jpg", "a.avi", "a.png", "a.txt", "a.mkv"}) {
    SCOPED_TRACE(name);
    const auto source = open(put(name, text));
    ASSERT_FALSE(source);
    EXPECT_EQ(source.error().code(), ErrorCode::corrupt_input);
    EXPECT_THAT(source.error().message(),
                testing::AnyOf(HasSubstr("not a video or picture"), HasSubstr("not a picture")));
  }
}

TEST_F(PacketSourceOf, SaysThatAVideoIsIncomplete) {
  const std::string bytes = bytes_of(make_video("whole.mp4", "-c:v mpeg4"));
  const std::size_t index = bytes.find("moov");
  ASSERT_NE(index, std::string::npos);

  expect_error(open(put("cut.mp4", bytes.substr(0, index - 4))), ErrorCode::corrupt_input,
               "incomplete QuickTime / MOV file (moov atom not found)");
}

TEST_F(PacketSourceOf, SaysWhatAFileWithoutVideoHas) {
  expect_error(open(make("-f lavfi -i sine=d=0.2", "a.mp4")), ErrorCode::unsupported,
               "no video stream (it has audio)");
}

TEST_F(PacketSourceOf, TakesCoverArtForNoVideo) {
  const std::string cover =
      make("-f lavfi -i color=red:s=32x32 -frames:v 1 -update 1", "cover.png");
  expect_error(open(make("-f lavfi -i sine=d=0.2 -i '" + cover +
                             "' -map 0 -map 1 -c:v copy -disposition:v attached_pic",
                         "song.mp3")),
               ErrorCode::unsupported, "no video stream (it has audio, cover art)");

  const auto film = open(make("-i '" + cover +
                                  "' -f lavfi -i testsrc=s=64x48:d=0.2 -map 0 -map 1 -c:v:0 copy "
                                  "-c:v:1 mpeg4 -disposition:v:0 attached_pic",
                              "film.mp4"));
  ASSERT_TRUE(film);
  EXPECT_EQ((*film)->stream()->codec_name, "mpeg4");
}

TEST_F(PacketSourceOf, GivesThePacketsOfOneOfSeveralStreams) {
  const std::string file = make(
      "-f lavfi -i sine=d=1 -f lavfi -i testsrc=s=64x48:r=25:d=1 -f lavfi -i "
      "testsrc=s=32x24:r=10:d=1 -map 0 -map 1 -map 2 -map 0 -c:v mpeg4",
      "a.mkv");

  EXPECT_EQ(decode_all(file).frames.size(), 25u);
}

TEST_F(PacketSourceOf, RefusesAFolderAndAPipe) {
  const std::string pipe = path("pipe.mp4");
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);

  expect_error(open_source({.name = path("")}), ErrorCode::unsupported, "it is a folder");
  expect_error(open_source({.name = pipe}), ErrorCode::unsupported, "not a regular file");
}

TEST_F(PacketSourceOf, SaysThatAFileMayNotBeRead) {
  const std::string file = make_video("a.mp4", "-c:v mpeg4");
  std::filesystem::permissions(file, std::filesystem::perms::none);

  const OrdinaryUser user;
  expect_error(open(file), ErrorCode::invalid_argument, "ermission denied");
}

TEST_F(PacketSourceOf, OpensFilesWithNamesThatFfmpegWouldReadOtherwise) {
  const std::string picture =
      bytes_of(make("-f lavfi -i color=red:s=16x16 -frames:v 1 -update 1", "a.jpg"));
  const std::string video = bytes_of(make_video("a.avi", "-c:v mpeg4"));

  EXPECT_EQ(decode_all(put("frame%03d.jpg", picture)).frames.size(), 1u);
  EXPECT_EQ(decode_all(put("concat:a|b.avi", video)).frames.size(), 25u);
  EXPECT_EQ(decode_all(put("100% [x]?.avi", video)).frames.size(), 25u);
}

TEST_F(PacketSourceOf, ReportsWhereAFileBreaksOffAndEnds) {
  const std::string file = make("-f lavfi -i testsrc=s=64x48:r=25:d=4 -c:v mpeg4 -q:v 2", "w.mkv");
  const std::string bytes = bytes_of(file);
  const std::string cut = put("cut.mkv", bytes.substr(0, bytes.size() / 2));
  const Decoded decoded = decode_all(cut);

  EXPECT_GT(decoded.frames.size(), 10u);
  EXPECT_EQ(static_cast<int>(decoded.frames.size()), frames_by_ffprobe(cut));
  ASSERT_EQ(decoded.failures.size(), 1u);
  EXPECT_THAT(decoded.failures[0].message, HasSubstr("breaks off"));
  EXPECT_GT(decoded.failures[0].time.seconds(), 0.2);
}

TEST_F(PacketSourceOf, KeepsFfmpegsMessagesFromStderr) {
  const std::string bytes = bytes_of(make_video("w.mp4", "-c:v mpeg4"));
  const std::string cut = put("cut.mp4", bytes.substr(0, bytes.size() / 2));

  testing::internal::CaptureStderr();
  const auto source = open(cut);
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
  EXPECT_FALSE(source);
}

TEST_F(PacketSourceOf, GivesPictureFilesAsStills) {
  const auto source = open(make("-f lavfi -i testsrc=s=64x48 -frames:v 1 -update 1", "a.png"));

  ASSERT_TRUE(source);
  EXPECT_TRUE((*source)->stream()->still_picture);
  EXPECT_FALSE((*source)->stream()->in_sequence);
  EXPECT_EQ((*source)->stream()->frame_count, 1u);
}

TEST_F(PacketSourceOf, ReadsASequenceOfPicturesOfSeveralFormatsAndSizes) {
  make("-f lavfi -i testsrc=s=64x48 -frames:v 1 -update 1", "0.png");
  make("-f lavfi -i testsrc=s=32x24 -frames:v 1 -update 1", "1.jpg");
  make("-f lavfi -i testsrc=s=80x60 -frames:v 1 -update 1", "2.png");
  const auto specs = join_images(*expand_source(path("?.*")));
  ASSERT_EQ(specs.size(), 1u);
  const Decoded decoded = decode_all(specs.front());

  EXPECT_TRUE(decoded.failures.empty());
  ASSERT_EQ(decoded.frames.size(), 3u);
  EXPECT_EQ(decoded.frames[1].geometry().stored, (Size{32, 24}));
  EXPECT_EQ(decoded.frames[2].geometry().stored, (Size{80, 60}));
  EXPECT_EQ(decoded.frames[2].times().index, 2u);
  EXPECT_DOUBLE_EQ(decoded.frames[2].times().time.seconds(), 0.08);
  EXPECT_FALSE(decoded.frames[2].times().discontinuity);
  EXPECT_FALSE(decoded.frames[2].is_still());
}

TEST_F(PacketSourceOf, GoesOnAfterAPictureOfASequenceThatCannotBeRead) {
  put("0.png", "no picture");
  make("-f lavfi -i testsrc=s=32x24 -frames:v 1 -update 1", "1.png");
  put("2.png", "");
  make("-f lavfi -i testsrc=s=32x24 -frames:v 1 -update 1", "3.png");
  const Decoded decoded = decode_all(join_images(*expand_source(path("?.png"))).front());

  ASSERT_EQ(decoded.failures.size(), 2u);
  EXPECT_THAT(decoded.failures[1].message, AllOf(HasSubstr("2.png"), HasSubstr("empty")));
  EXPECT_DOUBLE_EQ(decoded.failures[1].time.seconds(), 0.08);
  ASSERT_EQ(decoded.frames.size(), 2u);
  EXPECT_DOUBLE_EQ(decoded.frames[1].times().time.seconds(), 0.12);
}

TEST_F(PacketSourceOf, RefusesASequenceWithoutAnyPicture) {
  const std::vector<std::string> files = {put("0.png", "x"), put("1.png", "")};

  expect_error(
      open_source({.name = "pictures", .kind = SourceKind::image_sequence, .files = files}),
      ErrorCode::corrupt_input, files[0]);
}

TEST_F(PacketSourceOf, ReadsAVideoOverHttp) {
  const std::string bytes = bytes_of(make_video("a.ts", "-c:v mpeg2video"));
  const TcpServer server([&](int connection) { answer_http(connection, "200 OK", bytes); });
  const Decoded decoded = decode_all(server.url("a.ts"));

  EXPECT_EQ(decoded.frames.size(), 25u);
}

TEST(PacketSourceOfUrl, SaysThatAnAddressHoldsNothing) {
  const TcpServer server([](int connection) { answer_http(connection, "404 Not Found", ""); });
  expect_error(open_source({.name = server.url("a.mp4"), .kind = SourceKind::stream}),
               ErrorCode::not_found, "404");
}

TEST(PacketSourceOfUrl, SaysThatNobodyListens) {
  std::string url;
  {
    const TcpServer server([](int) {});
    url = server.url("a.mp4");
  }
  expect_error(open_source({.name = url, .kind = SourceKind::stream}), ErrorCode::unavailable,
               "refused");
}

TEST(PacketSourceOfUrl, NamesAHostThatIsNotFound) {
  const auto source = open_source(
      {.name = "rtsp://user:secret@camera.invalid/1", .kind = SourceKind::stream, .live = true});

  ASSERT_FALSE(source);
  // Which of the two depends on whether this machine has a name service at all.
  EXPECT_THAT(source.error().code(), testing::AnyOf(ErrorCode::not_found, ErrorCode::unavailable));
  EXPECT_THAT(source.error().message(),
              AllOf(HasSubstr("host 'camera.invalid' is not found"), Not(HasSubstr("secret"))));
}

TEST(PacketSourceOfUrl, MasksThePassword) {
  const auto source =
      open_source({.name = "http://user:secret@127.0.0.1:1/a.mp4", .kind = SourceKind::stream});

  ASSERT_FALSE(source);
  EXPECT_THAT(source.error().message(), AllOf(HasSubstr("user:***@"), Not(HasSubstr("secret"))));
}

TEST(PacketSourceOfUrl, GivesUpOnASilentServerAfterTheTimeout) {
  const TcpServer server([&](int connection) {
    char byte = 0;  // Reads until the client gives up; never answers.
    while (::read(connection, &byte, 1) == 1) {
    }
  });
  const auto source =
      open_source({.name = server.url("a.mp4"), .kind = SourceKind::stream}, {.timeout = 50ms});

  expect_error(source, ErrorCode::timed_out, "nothing came within 50 ms");
}

TEST(PacketSourceOfUrl, ObeysAStopWhileItOpens) {
  std::stop_source stop;
  const TcpServer server([&](int connection) {
    char byte = 0;
    while (::read(connection, &byte, 1) == 1) {
      stop.request_stop();  // The request has begun to arrive: the client waits for the answer.
    }
  });
  const auto source = open_source({.name = server.url("a.mp4"), .kind = SourceKind::stream},
                                  {.timeout = 1h, .stop = stop.get_token()});

  expect_error(source, ErrorCode::unavailable, "stopped");
}

TEST_F(PacketSourceOf, DoesNotOpenAfterAStop) {
  std::stop_source stop;
  const SourceSettings stopped{.stop = stop.get_token()};
  const std::string picture = make("-f lavfi -i testsrc=s=64x48 -frames:v 1 -update 1", "a.png");
  const std::string video = make_video("a.mp4", "-c:v mpeg4");
  stop.request_stop();

  expect_error(open(picture, stopped), ErrorCode::unavailable, "stopped before it was open");
  expect_error(open(video, stopped), ErrorCode::unavailable, "stopped before it was open");
}

TEST_F(PacketSourceOf, EndsOnceAStopIsRequested) {
  std::stop_source stop;
  const auto source = open(make_video("a.mp4", "-c:v mpeg4"), {.stop = stop.get_token()});
  ASSERT_TRUE(source);
  EXPECT_TRUE(std::holds_alternative<Packet>(*(*source)->read()));
  stop.request_stop();

  EXPECT_TRUE(std::holds_alternative<EndOfStream>(*(*source)->read()));
}

TEST(TestPictureSource, CountsItsFramesInThePicture) {
  const SourceSpec spec = expand_source("test:65x33@10")->front();
  const auto source = open_source(spec);
  ASSERT_TRUE(source);
  auto decoder = VideoDecoder::create((*source)->stream());
  ASSERT_TRUE(decoder);
  std::vector<StreamItem> items;
  for (int i = 0; i < 6; ++i) {
    decoder->decode(std::get<Packet>(*(*source)->read()), items);
  }

  ASSERT_EQ(items.size(), 6u);
  const Frame& frame = std::get<Frame>(items[5]);
  EXPECT_EQ(frame.geometry().stored, (Size{65, 33}));
  EXPECT_DOUBLE_EQ(frame.times().time.seconds(), 0.5);
  const HostPicture picture = *frame.host_picture();
  EXPECT_EQ(picture.format, PixelFormat::yuv420p);
  EXPECT_EQ(picture.color.matrix, ColorMatrix::bt709);
  int counter = 0;
  for (int bit = 0; bit < 16; ++bit) {
    const std::byte* row = picture.planes[0].data + 32 * picture.planes[0].stride_bytes;
    counter = counter * 2 + (std::to_integer<int>(row[bit * 4 + 2]) > 128 ? 1 : 0);
  }
  EXPECT_EQ(counter, 5);
}

TEST(TestPictureSource, EndsOnlyWhenItIsStopped) {
  std::stop_source stop;
  const auto source = open_source({.name = "test:16x16@1000", .kind = SourceKind::test},
                                  {.stop = stop.get_token()});
  ASSERT_TRUE(source);
  EXPECT_TRUE(std::holds_alternative<Packet>(*(*source)->read()));
  stop.request_stop();

  EXPECT_TRUE(std::holds_alternative<EndOfStream>(*(*source)->read()));
}

/// Packets of a paced source: `count` of them.
std::vector<ArrivalTime> arrivals_of(PacketSource& source, int count) {
  std::vector<ArrivalTime> arrivals;
  for (int i = 0; i < count; ++i) {
    const Result<SourceItem> item = source.read();
    const auto* packet = item ? std::get_if<Packet>(&*item) : nullptr;
    if (packet != nullptr) arrivals.push_back(packet->arrival);
  }
  return arrivals;
}

TEST(PacedSource, GivesNoPacketBeforeItIsDue) {
  const auto source =
      open_source({.name = "test:16x16@500", .kind = SourceKind::test}, {.paced = true});
  ASSERT_TRUE(source);
  EXPECT_TRUE((*source)->paced());
  const std::vector<ArrivalTime> arrivals = arrivals_of(**source, 6);
  ASSERT_EQ(arrivals.size(), 6U);
  for (std::size_t i = 1; i < arrivals.size(); ++i)
    EXPECT_EQ(arrivals[i] - arrivals[i - 1], std::chrono::milliseconds(2));
  EXPECT_GE(arrival_now(), arrivals.back());
}

TEST_F(PacketSourceOf, ARecordingIsPacedByDecodingTimes) {
  const auto source =
      open(make("-f lavfi -i testsrc=s=64x48:r=100:d=1 -c:v libx264 -bf 3 -b_strategy 0", "a.mp4"),
           {.paced = true});
  ASSERT_TRUE(source);
  const std::vector<ArrivalTime> arrivals = arrivals_of(**source, 8);
  ASSERT_EQ(arrivals.size(), 8U);
  for (std::size_t i = 1; i < arrivals.size(); ++i)
    EXPECT_EQ(arrivals[i] - arrivals[i - 1], std::chrono::milliseconds(10));
}

TEST(PacedSource, DoesNotWaitOnceItIsStopped) {
  std::stop_source stop;
  const auto source = open_source({.name = "test:16x16@0.2", .kind = SourceKind::test},
                                  {.stop = stop.get_token(), .paced = true});
  ASSERT_TRUE(source);
  EXPECT_EQ(arrivals_of(**source, 1).size(), 1U);
  stop.request_stop();
  EXPECT_TRUE(std::holds_alternative<EndOfStream>(*(*source)->read()));
}

TEST(PacedSource, AReaderThatIsTooLateLosesPacketsUpToOneThatIsNot) {
  ArrivalTime now = arrival_now() - 1h;  // Nothing is waited for.
  PacedSource source(*open_source({.name = "test:16x16@1000", .kind = SourceKind::test}), {},
                     [&now] { return now; });
  ASSERT_EQ(arrivals_of(source, 1), (std::vector<ArrivalTime>{now}));
  const ArrivalTime first = now;
  now += 2s;  // Packet 1 was due 1.999 s ago.

  const Result<SourceItem> lost = source.read();
  ASSERT_TRUE(lost);
  const auto* failure = std::get_if<DecodeFailure>(&*lost);
  ASSERT_NE(failure, nullptr);
  EXPECT_THAT(failure->message, HasSubstr("1999 packets"));
  EXPECT_EQ(failure->time.since_start, 1ms);
  EXPECT_EQ(arrivals_of(source, 2), (std::vector<ArrivalTime>{first + 2s, first + 2001ms}));
}

TEST(PacedSource, StartsItsClockAnewWherePacketsAreReadMoreSlowlyThanTheyAreDue) {
  ArrivalTime now = arrival_now() - 1h;  // Nothing is waited for.
  // Each look at the clock, and so each packet, takes longer than packets are apart.
  PacedSource source(*open_source({.name = "test:16x16@1000", .kind = SourceKind::test}), {},
                     [&now] { return now += 3ms; });
  int packets = 0;
  int losses = 0;
  for (int i = 0; i < 2000; ++i) {
    const Result<SourceItem> item = source.read();
    ASSERT_TRUE(item);
    if (const auto* packet = std::get_if<Packet>(&*item)) {
      ++packets;
      EXPECT_LT(now - packet->arrival, 1100ms);
    } else {
      ++losses;
    }
  }
  EXPECT_GT(packets, 1900);
  EXPECT_GT(losses, 1);
}

TEST_F(PacketSourceOf, APacedOneLosesPacketsUpToAKeyFrame) {
  ArrivalTime now = arrival_now() - 1h;  // Nothing is waited for.
  const std::string file = make(
      "-f lavfi -i testsrc=s=64x48:r=25:d=4 -c:v libx264 -g 40 -keyint_min 40 -bf 0 "
      "-sc_threshold 0",
      "a.mp4");
  PacedSource source(*open(file), {}, [&now] { return now; });
  const ArrivalTime first = now;
  ASSERT_EQ(arrivals_of(source, 1), (std::vector<ArrivalTime>{first}));
  now += 1500ms;

  EXPECT_TRUE(std::holds_alternative<DecodeFailure>(*source.read()));
  // Key frames are at 1.6 s and 3.2 s; this one is not late.
  EXPECT_EQ(arrivals_of(source, 1), (std::vector<ArrivalTime>{first + 1600ms}));
}

}  // namespace
}  // namespace retinue
