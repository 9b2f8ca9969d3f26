#include "sink/output_file.hpp"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <csignal>

#include <gmock/gmock.h>

#include "base/ordinary_user.hpp"
#include "sink/output_test.hpp"

namespace retinue {
namespace {

using testing::HasSubstr;

class OutputFileOf : public OutputTest {};

TEST_F(OutputFileOf, HoldsItsRecordsInOrder) {
  Result<OutputFile> file = OutputFile::create(path("a.txt"));
  ASSERT_TRUE(file);
  ASSERT_TRUE(file->append("one\n"));
  ASSERT_TRUE(file->append("two\n"));
  ASSERT_TRUE(file->close(Completion::complete));

  EXPECT_EQ(content("a.txt"), "one\ntwo\n");
}

TEST_F(OutputFileOf, ReplacesAnOlderFile) {
  put("a.txt", "much older text");
  Result<OutputFile> file = OutputFile::create(path("a.txt"));
  ASSERT_TRUE(file);
  ASSERT_TRUE(file->append("new\n"));
  ASSERT_TRUE(file->close(Completion::complete));

  EXPECT_EQ(content("a.txt"), "new\n");
}

TEST_F(OutputFileOf, WritesWhenTheBufferIsFull) {
  Result<OutputFile> file = OutputFile::create(path("a.txt"));
  ASSERT_TRUE(file);
  const std::string record(1 << 20, 'x');
  ASSERT_TRUE(file->append(record));

  EXPECT_EQ(content("a.txt").size(), record.size());
}

TEST_F(OutputFileOf, NamesAMissingFolder) {
  const Result<OutputFile> file = OutputFile::create(path("no/such/a.txt"));

  ASSERT_FALSE(file);
  EXPECT_EQ(file.error().code(), ErrorCode::not_found);
  EXPECT_EQ(file.error().message(), "writing '" + path("no/such/a.txt") + "': the folder '" +
                                        path("no/such") + "' does not exist; create it first");
}

TEST_F(OutputFileOf, RefusesAFolder) {
  const Result<OutputFile> file = OutputFile::create(path("."));

  ASSERT_FALSE(file);
  EXPECT_EQ(file.error().code(), ErrorCode::invalid_argument);
  EXPECT_THAT(file.error().message(), HasSubstr("it is a folder"));
}

TEST_F(OutputFileOf, SaysThatPermissionIsMissing) {
  ASSERT_EQ(::chmod(path(".").c_str(), 0555), 0);
  const Result<OutputFile> file = [this] {
    const OrdinaryUser user;
    return OutputFile::create(path("a.txt"));
  }();
  ASSERT_EQ(::chmod(path(".").c_str(), 0700), 0);

  ASSERT_FALSE(file);
  EXPECT_EQ(file.error().code(), ErrorCode::invalid_argument);
  EXPECT_EQ(file.error().message(), "writing '" + path("a.txt") + "': permission denied");
}

TEST_F(OutputFileOf, LeavesNoMarkerWhenItCannotBeOpened) {
  // A link to itself: permitted by the folder, impossible to open.
  ASSERT_EQ(::symlink(path("loop").c_str(), path("loop").c_str()), 0);
  const Result<OutputFile> file = OutputFile::create(path("loop"));

  ASSERT_FALSE(file);
  EXPECT_FALSE(exists("loop.incomplete"));
}

TEST(OutputFile, SaysThatTheDiskIsFull) {
  Result<OutputFile> file = OutputFile::create("/dev/full");
  ASSERT_TRUE(file);
  Result<void> written = file->append("record\n");
  if (written) written = file->close(Completion::complete);

  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().code(), ErrorCode::resource_exhausted);
  EXPECT_EQ(written.error().message(), "writing '/dev/full': no space left on device");
}

/// Limits the size of files that this process writes: a disk that fills up, without one.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(rlim_t bytes) {
    ::getrlimit(RLIMIT_FSIZE, &old_);
    handler_ = std::signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{bytes, old_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~FileSizeLimit() {
    ::setrlimit(RLIMIT_FSIZE, &old_);
    std::signal(SIGXFSZ, handler_);
  }
  FileSizeLimit(const FileSizeLimit&) = delete;
  FileSizeLimit& operator=(const FileSizeLimit&) = delete;
  FileSizeLimit(FileSizeLimit&&) = delete;
  FileSizeLimit& operator=(FileSizeLimit&&) = delete;

 private:
  rlimit old_{};
  void (*handler_)(int) = nullptr;
};

TEST_F(OutputFileOf, EndsWithAWholeRecordWhenTheDiskFillsUp) {
  Result<OutputFile> file = OutputFile::create(path("a.txt"));
  ASSERT_TRUE(file);
  const std::string record = std::string(999, 'x') + '\n';
  Result<void> written;
  {
    const FileSizeLimit limit(1'000'500);
    for (int i = 0; i < 3000 && written; ++i)
      written = file->append(record);
  }

  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().code(), ErrorCode::resource_exhausted);
  EXPECT_TRUE(file->close(Completion::complete)) << "the error is not repeated";
  const std::string text = content("a.txt");
  EXPECT_FALSE(text.empty());
  EXPECT_EQ(text.size() % record.size(), 0U);
  EXPECT_FALSE(is_complete(path("a.txt")));
}

/// Both ends of a pipe; its writing end is named by `path`.
class Pipe {
 public:
  Pipe() {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) std::abort();
    reader_ = UniqueFd(ends[0]);
    writer_ = UniqueFd(ends[1]);
  }
  std::string path() const { return "/dev/fd/" + std::to_string(writer_.get()); }
  int reader() const { return reader_.get(); }
  void close_reader() { reader_ = UniqueFd(); }

 private:
  UniqueFd reader_;
  UniqueFd writer_;
};

TEST(OutputFile, GivesAPipeEveryRecordAtOnce) {
  const Pipe pipe;
  Result<OutputFile> file = OutputFile::create(pipe.path());
  ASSERT_TRUE(file);
  ASSERT_TRUE(file->append("one\n"));

  std::array<char, 16> text{};
  EXPECT_EQ(::read(pipe.reader(), text.data(), text.size()), 4);
  EXPECT_STREQ(text.data(), "one\n");
}

TEST(OutputFile, SaysThatTheReaderClosedThePipe) {
  Pipe pipe;
  Result<OutputFile> file = OutputFile::create(pipe.path());
  ASSERT_TRUE(file);
  pipe.close_reader();
  const auto handler = std::signal(SIGPIPE, SIG_IGN);
  const Result<void> written = file->append("one\n");
  std::signal(SIGPIPE, handler);

  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().code(), ErrorCode::unavailable);
  EXPECT_THAT(written.error().message(), HasSubstr("its reader closed the pipe"));
}

TEST(OutputFile, WritesToStdoutWhenItsNameIsADash) {
  testing::internal::CaptureStdout();
  Result<OutputFile> file = OutputFile::create("-");
  ASSERT_TRUE(file);
  ASSERT_TRUE(file->append("one\n"));
  ASSERT_TRUE(file->close(Completion::complete));

  EXPECT_EQ(testing::internal::GetCapturedStdout(), "one\n");
  EXPECT_FALSE(std::filesystem::exists("-"));
  EXPECT_FALSE(std::filesystem::exists("-.incomplete"));
}

TEST_F(OutputFileOf, IsIncompleteUntilItIsClosedAsComplete) {
  EXPECT_FALSE(is_complete(path("a.txt"))) << "not there";
  Result<OutputFile> file = OutputFile::create(path("a.txt"));
  ASSERT_TRUE(file);
  EXPECT_TRUE(exists("a.txt.incomplete"));
  EXPECT_FALSE(is_complete(path("a.txt"))) << "being written";
  ASSERT_TRUE(file->close(Completion::complete));

  EXPECT_TRUE(is_complete(path("a.txt")));
  EXPECT_FALSE(exists("a.txt.incomplete"));
}

TEST_F(OutputFileOf, StaysIncompleteWhenTheRunWasInterrupted) {
  Result<OutputFile> file = OutputFile::create(path("a.txt"));
  ASSERT_TRUE(file);
  ASSERT_TRUE(file->append("one\n"));
  ASSERT_TRUE(file->close(Completion::partial));

  EXPECT_EQ(content("a.txt"), "one\n");
  EXPECT_FALSE(is_complete(path("a.txt")));
}

TEST_F(OutputFileOf, BecomesCompleteWhenAnInterruptedRunIsRepeated) {
  put("a.txt", "half of");
  put("a.txt.incomplete", "");
  Result<OutputFile> file = OutputFile::create(path("a.txt"));
  ASSERT_TRUE(file);
  ASSERT_TRUE(file->close(Completion::complete));

  EXPECT_TRUE(is_complete(path("a.txt")));
}

TEST_F(OutputFileOf, HasNoMarkerWhenItIsAFifo) {
  ASSERT_EQ(::mkfifo(path("fifo").c_str(), 0600), 0);
  const UniqueFd reader(::open(path("fifo").c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
  Result<OutputFile> file = OutputFile::create(path("fifo"));
  ASSERT_TRUE(file);

  EXPECT_FALSE(exists("fifo.incomplete"));
}

}  // namespace
}  // namespace retinue
