#include "base/log.hpp"

#include <sstream>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

namespace retinue {
namespace {

using testing::internal::CaptureStderr;
using testing::internal::GetCapturedStderr;

/// Leaves the log as other tests expect it.
class Log : public testing::Test {
 protected:
  void TearDown() override { configure_log({}); }
};

TEST_F(Log, WritesErrorsAsTheSentenceItself) {
  CaptureStderr();
  log(LogLevel::error, "reading 'a.mp4': no such file");

  EXPECT_EQ(GetCapturedStderr(), "retinue: reading 'a.mp4': no such file\n");
}

TEST_F(Log, NamesTheOtherLevels) {
  CaptureStderr();
  log(LogLevel::warning, "slow disk");

  EXPECT_EQ(GetCapturedStderr(), "retinue: warning: slow disk\n");
}

TEST_F(Log, IsSilentBelowItsLevel) {
  configure_log({.level = LogLevel::warning});
  CaptureStderr();
  log(LogLevel::info, "not now");

  EXPECT_EQ(GetCapturedStderr(), "");
  EXPECT_FALSE(log_enabled(LogLevel::info));
  EXPECT_TRUE(log_enabled(LogLevel::error));
}

TEST_F(Log, AMessageThatIsOffIsNotMade) {
  configure_log({.level = LogLevel::debug});
  int made = 0;
  const auto message = [&made] {
    ++made;
    return std::string("a line for each frame");
  };
  CaptureStderr();
  log(LogLevel::trace, message);

  EXPECT_EQ(GetCapturedStderr(), "");
  EXPECT_EQ(made, 0);
}

TEST_F(Log, AMessageThatIsOnIsMadeOnce) {
  configure_log({.level = LogLevel::trace});
  int made = 0;
  CaptureStderr();
  log(LogLevel::trace, [&made] { return "frame " + std::to_string(++made); });

  EXPECT_EQ(GetCapturedStderr(), "retinue: trace: frame 1\n");
}

TEST_F(Log, WritesOneJsonObjectALineWhenAsked) {
  configure_log({.format = LogFormat::json});
  CaptureStderr();
  log(LogLevel::error, "two\nlines from rtsp://u:secret@cam/");

  const std::string line = GetCapturedStderr();
  EXPECT_EQ(line.find('\n'), line.size() - 1);
  const auto object = nlohmann::json::parse(line);
  EXPECT_EQ(object["level"], "error");
  EXPECT_EQ(object["message"], "two\nlines from rtsp://u:***@cam/");
}

TEST_F(Log, NeverShowsAPassword) {
  CaptureStderr();
  log(LogLevel::error, "opening 'rtsp://admin:hunter2@10.0.0.7/live': refused");

  EXPECT_EQ(GetCapturedStderr(), "retinue: opening 'rtsp://admin:***@10.0.0.7/live': refused\n");
}

TEST_F(Log, NeverInterleavesLinesOfThreads) {
  const std::string text(200, 'x');
  CaptureStderr();
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 4; ++t) {
      threads.emplace_back([&] {
        for (int i = 0; i < 100; ++i)
          log(LogLevel::error, text);
      });
    }
  }

  std::istringstream lines(GetCapturedStderr());
  int count = 0;
  for (std::string line; std::getline(lines, line); ++count)
    ASSERT_EQ(line, "retinue: " + text);
  EXPECT_EQ(count, 400);
}

TEST(MaskPasswords, LeavesTextWithoutPasswordsAlone) {
  for (const std::string text : {"", "no url", "rtsp://cam/live", "rtsp://user@cam/live",
                                 "http://host:8080/a@b", "12:30 mail a@b.c", "://", "a://b://c"}) {
    EXPECT_EQ(mask_passwords(text), text);
  }
}

TEST(MaskPasswords, HidesThePasswordAndKeepsTheRest) {
  EXPECT_EQ(mask_passwords("rtsp://user:secret@cam:554/live?x=1"),
            "rtsp://user:***@cam:554/live?x=1");
  EXPECT_EQ(mask_passwords("rtsp://:secret@cam"), "rtsp://:***@cam");
  EXPECT_EQ(mask_passwords("rtsp://user:@cam"), "rtsp://user:***@cam");
}

TEST(MaskPasswords, HidesPasswordsThatHoldAnAtSignOrColon) {
  EXPECT_EQ(mask_passwords("rtsp://user:p@ss@cam/live"), "rtsp://user:***@cam/live");
  EXPECT_EQ(mask_passwords("rtsp://user:a:b@cam/live"), "rtsp://user:***@cam/live");
}

TEST(MaskPasswords, HidesEveryPasswordOfALine) {
  EXPECT_EQ(mask_passwords("rtsp://a:1@x/ then http://b:2@y/"),
            "rtsp://a:***@x/ then http://b:***@y/");
}

}  // namespace
}  // namespace retinue
