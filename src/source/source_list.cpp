#include "source/source_list.hpp"

#include <glob.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <filesystem>
#include <optional>
#include <system_error>
#include <utility>

#include "base/log.hpp"
#include "source/ffmpeg_interrupt.hpp"
#include "source/media_file.hpp"
#include "source/test_picture_source.hpp"

namespace retinue {

namespace fs = std::filesystem;

namespace {

constexpr auto kMediaExtensions = std::to_array<std::string_view>(
    {"264",   "265",  "3g2",  "3gp",  "apng", "asf",  "avi",  "bmp", "dv",   "f4v", "flv",
     "gif",   "h264", "h265", "hevc", "ivf",  "jpe",  "jpeg", "jpg", "m2ts", "m2v", "m4v",
     "mjpeg", "mjpg", "mkv",  "mov",  "mp4",  "mpeg", "mpg",  "mts", "mxf",  "ogv", "png",
     "tif",   "tiff", "ts",   "vob",  "webm", "webp", "wmv",  "y4m"});
static_assert(std::ranges::is_sorted(kMediaExtensions));

constexpr auto kImageExtensions =
    std::to_array<std::string_view>({"bmp", "jpe", "jpeg", "jpg", "png", "tif", "tiff", "webp"});

std::string lower_extension(const fs::path& path) {
  std::string extension = path.extension().string();
  std::ranges::transform(extension, extension.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return extension.empty() ? extension : extension.substr(1);
}

/// By content; by extension where the content says nothing, so that opening it says why.
SourceSpec spec_of_file(std::string path) {
  FfmpegInterrupt interrupt{SourceSettings{}};
  const Result<MediaFile> file = open_media_file(path, interrupt.callback());
  const bool picture = file ? file->picture_codec != AV_CODEC_ID_NONE
                            : std::ranges::binary_search(kImageExtensions, lower_extension(path));
  return {.name = std::move(path), .kind = picture ? SourceKind::image : SourceKind::video};
}

std::vector<SourceSpec> specs_of_files(std::vector<std::string> paths) {
  std::ranges::sort(paths);
  std::vector<SourceSpec> specs;
  specs.reserve(paths.size());
  for (std::string& path : paths) {
    specs.push_back(spec_of_file(std::move(path)));
  }
  return specs;
}

std::string joined_extensions() {
  std::string text;
  for (const std::string_view extension : kMediaExtensions) {
    text.append(text.empty() ? "" : " ").append(extension);
  }
  return text;
}

Result<std::vector<SourceSpec>> expand_folder(const std::string& folder) {
  std::error_code error;
  std::vector<std::string> paths;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end;
       entry.increment(error)) {
    const fs::path& path = entry->path();
    std::error_code ignored;  // A file that vanishes meanwhile is not there.
    if (path.filename().string().starts_with('.') || !entry->is_regular_file(ignored)) continue;
    if (std::ranges::binary_search(kMediaExtensions, lower_extension(path))) {
      paths.push_back(path.string());
    }
  }
  if (error) {
    return fail(ErrorCode::invalid_argument, "reading folder '" + folder + "': " + error.message());
  }
  if (paths.empty()) {
    return fail(ErrorCode::not_found,
                "reading folder '" + folder +
                    "': it has no media files; these extensions count: " + joined_extensions());
  }
  return specs_of_files(std::move(paths));
}

struct GlobMatches {
  GlobMatches() = default;
  ~GlobMatches() { globfree(&matches); }
  GlobMatches(const GlobMatches&) = delete;
  GlobMatches& operator=(const GlobMatches&) = delete;
  GlobMatches(GlobMatches&&) = delete;
  GlobMatches& operator=(GlobMatches&&) = delete;

  glob_t matches{};
};

Result<std::vector<SourceSpec>> expand_glob(const std::string& pattern) {
  GlobMatches found;
  // Only its expansion of ~user is not safe on several threads, and that is off.
  // NOLINTNEXTLINE(concurrency-mt-unsafe)
  glob(pattern.c_str(), GLOB_NOSORT, nullptr, &found.matches);
  std::vector<std::string> paths;
  for (const char* path : std::span<char*>(found.matches.gl_pathv, found.matches.gl_pathc)) {
    std::error_code ignored;
    if (!fs::is_directory(path, ignored)) paths.emplace_back(path);
  }
  if (paths.empty()) {
    return fail(ErrorCode::not_found, "reading '" + pattern + "': no file matches this pattern");
  }
  return specs_of_files(std::move(paths));
}

Result<std::vector<SourceSpec>> expand_url(const std::string& url) {
  constexpr auto kSchemes = std::to_array<std::string_view>({"http", "https", "rtsp", "rtsps"});
  const std::string_view scheme = std::string_view(url).substr(0, url.find("://"));
  if (std::ranges::find(kSchemes, scheme) == kSchemes.end()) {
    return fail(ErrorCode::unsupported, "reading '" + mask_passwords(url) +
                                            "': addresses may start with http:// https:// rtsp:// "
                                            "rtsps://");
  }
  return std::vector<SourceSpec>{
      {.name = url, .kind = SourceKind::stream, .live = scheme.starts_with("rtsp")}};
}

bool is_url(std::string_view text) {
  const std::size_t end = text.find("://");
  return end != std::string_view::npos && end > 0 &&
         std::ranges::all_of(text.substr(0, end), [](unsigned char c) {
           return std::isalnum(c) != 0 || c == '+' || c == '-' || c == '.';
         });
}

bool is_camera(std::string_view text) {
  const bool number =
      std::ranges::all_of(text, [](unsigned char c) { return std::isdigit(c) != 0; });
  return number || text.starts_with("/dev/video");
}

}  // namespace

std::span<const std::string_view> media_extensions() {
  return kMediaExtensions;
}

Result<std::vector<SourceSpec>> expand_source(const std::string& argument) {
  if (argument.empty()) {
    return fail(
        ErrorCode::invalid_argument,
        "reading '': a source is a file, folder, pattern, address or test:WIDTHxHEIGHT@FPS");
  }
  if (names_test_picture(argument)) {
    TRY(parse_test_picture(argument));
    return std::vector<SourceSpec>{{.name = argument, .kind = SourceKind::test, .live = true}};
  }
  if (is_url(argument)) return expand_url(argument);

  std::error_code error;
  const fs::file_status status = fs::status(argument, error);
  if (fs::is_directory(status)) return expand_folder(argument);
  if (is_camera(argument) && !fs::is_regular_file(status)) {
    return fail(
        ErrorCode::unsupported,
        "reading '" + argument + "': this build reads no cameras, only files and addresses");
  }
  if (fs::exists(status)) return std::vector<SourceSpec>{spec_of_file(argument)};
  if (status.type() == fs::file_type::none) {
    return fail(ErrorCode::invalid_argument, "reading '" + argument + "': " + error.message());
  }
  if (argument.find_first_of("*?[") != std::string::npos) return expand_glob(argument);
  return fail(ErrorCode::not_found, "reading '" + argument + "': no such file or folder");
}

std::vector<SourceSpec> join_images(std::vector<SourceSpec> sources, std::string_view name) {
  std::vector<SourceSpec> joined;
  SourceSpec sequence{.kind = SourceKind::image_sequence};
  std::optional<std::size_t> place;
  for (SourceSpec& source : sources) {
    if (source.kind != SourceKind::image) {
      joined.push_back(std::move(source));
      continue;
    }
    if (!place) {
      place = joined.size();
      joined.emplace_back();
    }
    sequence.files.push_back(std::move(source.name));
  }
  if (!place) return joined;
  std::ranges::sort(sequence.files);
  sequence.name = name.empty() ? sequence.files.front() : std::string(name);
  joined[*place] = std::move(sequence);
  return joined;
}

}  // namespace retinue
