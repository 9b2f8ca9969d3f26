#include "source/media_file.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <string_view>
#include <system_error>
#include <utility>

#include "source/ffmpeg_log.hpp"

namespace retinue {

namespace {

struct PictureFormat {
  std::string_view demuxer;
  AVCodecID codec;
};

// FFmpeg's demuxers of single pictures. Those not listed are left to it as videos of one picture.
constexpr auto kPictureFormats = std::to_array<PictureFormat>({
    {"bmp_pipe", AV_CODEC_ID_BMP},
    {"j2k_pipe", AV_CODEC_ID_JPEG2000},
    {"jpegls_pipe", AV_CODEC_ID_JPEGLS},
    {"jpegxl_pipe", AV_CODEC_ID_JPEGXL},
    {"pam_pipe", AV_CODEC_ID_PAM},
    {"pbm_pipe", AV_CODEC_ID_PBM},
    {"pgm_pipe", AV_CODEC_ID_PGM},
    {"png_pipe", AV_CODEC_ID_PNG},
    {"ppm_pipe", AV_CODEC_ID_PPM},
    {"qoi_pipe", AV_CODEC_ID_QOI},
    {"tiff_pipe", AV_CODEC_ID_TIFF},
    {"webp_pipe", AV_CODEC_ID_WEBP},
});

std::string lower_extension(const std::string& path) {
  std::string extension = std::filesystem::path(path).extension().string();
  std::ranges::transform(extension, extension.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return extension;
}

AVCodecID picture_codec_of(const AVInputFormat& format, const std::string& path) {
  const std::string_view name = format.name;
  if (name == "jpeg_pipe" || name == "mjpeg") {
    // The first bytes do not tell one JPEG from a stream of them, and phones append a second,
    // smaller picture to a JPEG: only here the name decides.
    const std::string extension = lower_extension(path);
    const bool stream = name == "jpeg_pipe"
                            ? extension == ".mjpeg" || extension == ".mjpg"
                            : extension != ".jpg" && extension != ".jpeg" && extension != ".jpe";
    return stream ? AV_CODEC_ID_NONE : AV_CODEC_ID_MJPEG;
  }
  const auto* found = std::ranges::find(kPictureFormats, name, &PictureFormat::demuxer);
  return found == kPictureFormats.end() ? AV_CODEC_ID_NONE : found->codec;
}

Result<void> check_regular(const std::string& path) {
  namespace fs = std::filesystem;
  std::error_code error;
  const fs::file_status status = fs::status(path, error);
  switch (status.type()) {
    case fs::file_type::regular:
      return {};
    case fs::file_type::not_found:
      return fail(ErrorCode::not_found, "no such file");
    case fs::file_type::directory:
      return fail(ErrorCode::unsupported, "it is a folder, not a file");
    case fs::file_type::none:
      return fail(ErrorCode::invalid_argument, error.message());
    case fs::file_type::symlink:
    case fs::file_type::block:
    case fs::file_type::character:
    case fs::file_type::fifo:
    case fs::file_type::socket:
    case fs::file_type::unknown:
      break;
  }
  return fail(ErrorCode::unsupported, "it is a device or pipe, not a regular file");
}

}  // namespace

std::string file_url(const std::string& path) {
  return "file:" + path;
}

Result<MediaFile> open_media_file(const std::string& path, const AVIOInterruptCB& interrupt) {
  route_ffmpeg_log();
  TRY(check_regular(path));
  const std::string url = file_url(path);
  AVIOContext* io = nullptr;
  if (const int rc = avio_open2(&io, url.c_str(), AVIO_FLAG_READ, &interrupt, nullptr); rc < 0) {
    return fail(ErrorCode::invalid_argument, ffmpeg_error_text(rc));
  }
  MediaFile file{.io = AvioHandle(io)};
  file.size_bytes = avio_size(io);
  if (file.size_bytes == 0) return fail(ErrorCode::corrupt_input, "it is empty (0 bytes)");

  const AVInputFormat* by_content = nullptr;
  file.recognised = av_probe_input_buffer2(io, &by_content, "", nullptr, 0, 0) >= 0;
  if (avio_seek(io, 0, SEEK_SET) >= 0) {
    av_probe_input_buffer2(io, &file.format, url.c_str(), nullptr, 0, 0);
  }
  // It goes by the name alone, and takes the name for a pattern of names.
  const bool by_name = file.format != nullptr && std::string_view(file.format->name) == "image2";
  if (file.format == nullptr || by_name) file.format = by_content;
  if (file.format == nullptr) {
    return fail(ErrorCode::corrupt_input,
                "it is not a video or picture FFmpeg can read (its content matches no format)");
  }
  file.picture_codec = picture_codec_of(*file.format, path);
  return file;
}

}  // namespace retinue
