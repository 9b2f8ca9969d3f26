/// A folder of its own for every test that makes media files, and the ffmpeg tools to make them.
#pragma once

#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace retinue {

class MediaTest : public testing::Test {
 protected:
  void SetUp() override {
    if (run("ffmpeg -version").status != 0) GTEST_SKIP() << "the ffmpeg tools are not installed";
    std::string name = (std::filesystem::temp_directory_path() / "retinue-media-XXXXXX").string();
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    folder_ = name;
  }
  void TearDown() override {
    if (!folder_.empty()) std::filesystem::remove_all(folder_);
  }

  std::string path(const std::string& name) const { return (folder_ / name).string(); }

  /// Makes `name` in the test's folder: `arguments` of ffmpeg without the output. Returns its path.
  std::string make(const std::string& arguments, const std::string& name) const {
    const Ran ran = run("ffmpeg -v error -y " + arguments + " '" + path(name) + "'");
    EXPECT_EQ(ran.status, 0) << arguments << '\n' << ran.output;
    return path(name);
  }

  std::string put(const std::string& name, const std::string& bytes) const {
    std::ofstream(path(name), std::ios::binary) << bytes;
    return path(name);
  }

  static std::string bytes_of(const std::string& file) {
    std::ifstream in(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }

  /// How many frames FFmpeg's own tool decodes from the first video stream; -1 if it decodes none.
  static int frames_by_ffprobe(const std::string& file) {
    const Ran ran = run(
        "ffprobe -v quiet -count_frames -select_streams v:0 -show_entries stream=nb_read_frames "
        "-of csv=p=0 'file:" +
        file + "'");
    return ran.output.empty() ? -1 : std::atoi(ran.output.c_str());
  }

  /// The folder with the real media; empty if this machine has none.
  static std::filesystem::path mirror() {
    const char* folder = std::getenv("RETINUE_MIRROR");
    return folder == nullptr ? std::filesystem::path() : std::filesystem::path(folder) / "media";
  }

 private:
  struct Ran {
    int status = -1;
    std::string output;  ///< Of both streams.
  };

  static Ran run(const std::string& command) {
    Ran ran;
    FILE* pipe = ::popen((command + " </dev/null 2>&1").c_str(), "r");
    if (pipe == nullptr) return ran;
    for (int c = std::fgetc(pipe); c != EOF; c = std::fgetc(pipe)) {
      ran.output.push_back(static_cast<char>(c));
    }
    ran.status = ::pclose(pipe);
    return ran;
  }

  std::filesystem::path folder_;
};

}  // namespace retinue
