// The library is loaded once in a process. So what happens without it is seen in child processes
// of their own: death tests in the style that starts the test program anew.
#include "infer/inference_runtime.hpp"

#include <dlfcn.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace retinue {
namespace {

using testing::Contains;
using testing::ExitedWithCode;
using testing::HasSubstr;

constexpr int kLoaded = 0;
constexpr int kNotFound = 1;
constexpr int kUnsupported = 2;
constexpr int kOther = 3;

/// Loads the library with this environment, says on stderr what went wrong, and ends the process.
[[noreturn]] void load_and_exit(const char* library_path) {
  // NOLINTBEGIN(concurrency-mt-unsafe): the only thread of a process of its own
  if (library_path != nullptr) {
    setenv("RETINUE_ONNXRUNTIME", library_path, 1);
  } else {
    unsetenv("RETINUE_ONNXRUNTIME");
  }
  // NOLINTEND(concurrency-mt-unsafe)
  const Result<InferenceRuntime> runtime = load_inference_runtime();
  if (runtime) std::_Exit(kLoaded);
  std::fputs(runtime.error().message().c_str(), stderr);
  std::fflush(stderr);
  if (runtime.error().code() == ErrorCode::not_found) std::_Exit(kNotFound);
  std::_Exit(runtime.error().code() == ErrorCode::unsupported ? kUnsupported : kOther);
}

class InferenceRuntimeDeathTest : public testing::Test {
 protected:
  void SetUp() override { GTEST_FLAG_SET(death_test_style, "threadsafe"); }
};

TEST(InferenceRuntime, SaysWhatWasLoaded) {
  const Result<InferenceRuntime> runtime = load_inference_runtime();
  ASSERT_TRUE(runtime) << runtime.error().message();
  EXPECT_THAT(runtime->library_path, HasSubstr("libonnxruntime"));
  EXPECT_THAT(runtime->version, testing::StartsWith("1."));
  EXPECT_THAT(runtime->providers, Contains("CPUExecutionProvider"));
}

/// The names of this process's threads.
std::vector<std::string> thread_names() {
  std::vector<std::string> names;
  for (const auto& task : std::filesystem::directory_iterator("/proc/self/task")) {
    std::ifstream file(task.path() / "comm");
    std::getline(file, names.emplace_back());
  }
  return names;
}

/// Loads the library and ends the process with the number of threads that came with it.
[[noreturn]] void load_and_exit_with_new_threads() {
  const std::size_t before = thread_names().size();
  const Result<InferenceRuntime> runtime = load_inference_runtime();
  if (!runtime) std::_Exit(100);
  const std::vector<std::string> after = thread_names();
  for (const std::string& name : after)
    std::fputs((name + '\n').c_str(), stderr);
  std::_Exit(static_cast<int>(after.size() - before));
}

TEST_F(InferenceRuntimeDeathTest, StartsNoThreads) {
  // ONNX Runtime 1.30 for Linux reports its use over the network, from threads of its own that
  // also race with the end of the process, unless it is told not to before it starts.
  EXPECT_EXIT(load_and_exit_with_new_threads(), ExitedWithCode(0), "");
}

TEST(InferenceRuntime, GivesTheSameAnswerAgain) {
  const Result<InferenceRuntime> first = load_inference_runtime();
  const Result<InferenceRuntime> second = load_inference_runtime();
  ASSERT_TRUE(first && second);
  EXPECT_EQ(first->library_path, second->library_path);
  EXPECT_EQ(first->providers, second->providers);
}

TEST_F(InferenceRuntimeDeathTest, NamesThePlaceThatTheUserChose) {
  EXPECT_EXIT(load_and_exit("/nonexistent/libonnxruntime.so"), ExitedWithCode(kNotFound),
              "RETINUE_ONNXRUNTIME.*/nonexistent/libonnxruntime.so");
}

class NoSystemRuntimeDeathTest : public InferenceRuntimeDeathTest {
 protected:
  void SetUp() override {
    InferenceRuntimeDeathTest::SetUp();
    if (dlopen("libonnxruntime.so.1", RTLD_LAZY) != nullptr)
      GTEST_SKIP() << "this system has an ONNX Runtime of its own";
  }
};

TEST_F(NoSystemRuntimeDeathTest, NamesThePlacesThatItSearched) {
  EXPECT_EXIT(
      load_and_exit(nullptr), ExitedWithCode(kNotFound),
      "deps/onnxruntime/lib'.*lib/retinue'.*libonnxruntime.so.1.*set RETINUE_ONNXRUNTIME to");
}

TEST_F(InferenceRuntimeDeathTest, RefusesALibraryThatIsAnother) {
  EXPECT_EXIT(load_and_exit("libm.so.6"), ExitedWithCode(kUnsupported),
              "'libm.so.6': it has no OrtGetApiBase");
}

TEST_F(InferenceRuntimeDeathTest, RefusesAFileThatIsNoLibrary) {
  EXPECT_EXIT(load_and_exit("/proc/self/status"), ExitedWithCode(kNotFound), "/proc/self/status");
}

}  // namespace
}  // namespace retinue
