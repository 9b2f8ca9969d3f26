// Formats, colours and shapes of decoded pictures, compared with what was put into the file.

#include <algorithm>
#include <array>
#include <cstdint>
#include <map>

#include <gmock/gmock.h>

#include "decode/exif_bytes.hpp"
#include "decode/picture_rgb.hpp"
#include "media/decode_all.hpp"
#include "media/media_test.hpp"

extern "C" {
#include <libavcodec/codec_par.h>
#include <libavcodec/packet.h>
#include <libavutil/pixdesc.h>
}

namespace retinue {
namespace {

using Rgb = std::array<int, 3>;

constexpr int kWidth = 64;
constexpr int kHeight = 48;
// Top left, top right, bottom left, bottom right.
constexpr std::array<Rgb, 4> kQuarters = {
    {{200, 40, 60}, {50, 180, 70}, {60, 70, 190}, {220, 210, 90}}};

class Picture : public MediaTest {
 protected:
  /// A file of raw pixels with one colour in each quarter.
  std::string put_quarters() const {
    std::string pixels;
    for (int y = 0; y < kHeight; ++y) {
      for (int x = 0; x < kWidth; ++x) {
        const int quarter = 2 * (2 * y / kHeight) + 2 * x / kWidth;
        for (const int value : kQuarters[static_cast<std::size_t>(quarter)]) {
          pixels += static_cast<char>(value);
        }
      }
    }
    return put("quarters.rgb", pixels);
  }

  /// The quarters as a video or picture; `arguments` chooses format and codec.
  std::string make_quarters(const std::string& arguments, const std::string& name) const {
    return make("-f rawvideo -pix_fmt rgb24 -s 64x48 -i '" + put_quarters() + "' " + arguments,
                name);
  }

  static std::string as_yuv(const std::string& matrix, const std::string& range,
                            const std::string& format) {
    return "-vf scale=out_color_matrix=" + matrix + ":out_range=" + range +
           ":flags=accurate_rnd+full_chroma_int,format=" + format;
  }

  /// The quarters in FFmpeg's pixel format `name`, as the one packet of an uncompressed stream.
  Decoded decode_raw(const std::string& name) const {
    const bool gray = name.starts_with("gray") || name.starts_with("ya");
    const std::string bytes = bytes_of(
        make_quarters(as_yuv("bt601", gray ? "pc" : "tv", name) + " -f rawvideo", name + ".raw"));
    std::shared_ptr<AVCodecParameters> parameters(
        avcodec_parameters_alloc(), [](AVCodecParameters* p) { avcodec_parameters_free(&p); });
    parameters->codec_type = AVMEDIA_TYPE_VIDEO;
    parameters->codec_id = AV_CODEC_ID_RAWVIDEO;
    parameters->format = av_get_pix_fmt(name.c_str());
    parameters->width = kWidth;
    parameters->height = kHeight;
    const auto stream = std::make_shared<StreamDescription>(StreamDescription{
        .source = name, .codec_name = "rawvideo", .codec_parameters = parameters});
    std::shared_ptr<AVPacket> payload(av_packet_alloc(), [](AVPacket* p) { av_packet_free(&p); });
    EXPECT_EQ(av_new_packet(payload.get(), static_cast<int>(bytes.size())), 0);
    std::ranges::copy(bytes, payload->data);

    Decoded decoded;
    Result<VideoDecoder> decoder = VideoDecoder::create(stream);
    EXPECT_TRUE(decoder) << decoder.error().message();
    if (!decoder) return decoded;
    std::vector<StreamItem> items;
    decoder->decode({stream, payload, {}, {}}, items);
    for (const StreamItem& item : items)
      decoded.frames.push_back(std::get<Frame>(item));
    return decoded;
  }

  static void expect_quarters(const Decoded& decoded, double tolerance) {
    ASSERT_EQ(decoded.frames.size(), 1u);
    const Frame& frame = decoded.frames.front();
    ASSERT_EQ(frame.geometry().stored, (Size{kWidth, kHeight}));
    const HostPicture picture = *frame.host_picture();
    const bool gray = layout_of(picture.format).model == ColorModel::gray;
    for (std::size_t i = 0; i < kQuarters.size(); ++i) {
      const Rgb& c = kQuarters[i];
      const double luma = 0.299 * c[0] + 0.587 * c[1] + 0.114 * c[2];
      const std::array<double, 3> rgb = rgb_at(picture, i % 2 == 0 ? 13 : 50, i < 2 ? 9 : 37);
      for (std::size_t k = 0; k < 3; ++k) {
        EXPECT_NEAR(rgb[k], gray ? luma : c[k], tolerance) << "quarter " << i << " component " << k;
      }
    }
  }

  static Frame only_frame(const std::string& file) {
    const Decoded decoded = decode_all(file);
    EXPECT_EQ(decoded.frames.size(), 1u);
    return decoded.frames.empty() ? Frame({}) : decoded.frames.front();
  }
};

// 8 bits of YUV hold a colour to within 2 levels of its components, the conversion adds one.
constexpr double kTolerance = 3;

const std::string palette =
    "-vf 'split[a][b];[a]palettegen=reserve_transparent=0[p];[b][p]paletteuse'";

TEST_F(Picture, KeepsItsPlanesInEveryLayout) {
  const std::map<std::string, PixelFormat> formats = {{"yuv420p", PixelFormat::yuv420p},
                                                      {"yuv422p", PixelFormat::yuv422p},
                                                      {"yuv444p", PixelFormat::yuv444p},
                                                      {"yuv440p", PixelFormat::yuv440p},
                                                      {"yuv411p", PixelFormat::yuv411p},
                                                      {"yuv410p", PixelFormat::yuv410p},
                                                      {"nv12", PixelFormat::nv12},
                                                      {"nv21", PixelFormat::nv21},
                                                      {"yuv420p10le", PixelFormat::yuv420p10},
                                                      {"yuv422p10le", PixelFormat::yuv422p10},
                                                      {"yuv444p10le", PixelFormat::yuv444p10},
                                                      {"yuv420p12le", PixelFormat::yuv420p12},
                                                      {"yuv422p12le", PixelFormat::yuv422p12},
                                                      {"yuv444p12le", PixelFormat::yuv444p12},
                                                      {"p010le", PixelFormat::p010},
                                                      {"gray", PixelFormat::gray8},
                                                      {"gray10le", PixelFormat::gray10},
                                                      {"gray12le", PixelFormat::gray12},
                                                      {"gray16le", PixelFormat::gray16},
                                                      {"rgb24", PixelFormat::rgb24},
                                                      {"bgr24", PixelFormat::bgr24},
                                                      {"rgba", PixelFormat::rgba},
                                                      {"bgra", PixelFormat::bgra},
                                                      {"argb", PixelFormat::argb},
                                                      {"abgr", PixelFormat::abgr},
                                                      {"gbrp", PixelFormat::gbrp},
                                                      {"yuva420p", PixelFormat::yuv420p},
                                                      {"rgb0", PixelFormat::rgba},
                                                      {"0bgr", PixelFormat::abgr}};
  for (const auto& [name, format] : formats) {
    SCOPED_TRACE(name);
    const Decoded decoded = decode_raw(name);
    ASSERT_EQ(decoded.frames.size(), 1u);
    EXPECT_EQ(decoded.frames[0].format(), format);
    expect_quarters(decoded, kTolerance);
  }
}

TEST_F(Picture, IsConvertedToTheNearestLayoutWhenItHasNone) {
  struct Case {
    PixelFormat format;
    double tolerance = kTolerance;
  };
  const std::map<std::string, Case> formats = {
      {"yuyv422", {PixelFormat::yuv422p}},
      {"uyvy422", {PixelFormat::yuv422p}},
      {"nv24", {PixelFormat::yuv444p}},
      {"yuv420p9le", {PixelFormat::yuv420p10}},
      {"yuv444p16le", {PixelFormat::yuv444p12}},
      {"yuv422p10be", {PixelFormat::yuv422p10}},
      {"p016le", {PixelFormat::yuv420p12}},
      {"yuv440p10le", {PixelFormat::yuv444p10}},
      {"rgb48le", {PixelFormat::rgb24}},
      {"rgba64be", {PixelFormat::rgb24}},
      {"gbrp10le", {PixelFormat::rgb24}},
      {"gray16be", {PixelFormat::gray16}},
      {"ya8", {PixelFormat::gray8}},
      {"rgb565le", {PixelFormat::rgb24, 9}},  // 5 bits: steps of 8.
  };
  for (const auto& [name, expected] : formats) {
    SCOPED_TRACE(name);
    const Decoded decoded = decode_raw(name);
    ASSERT_EQ(decoded.frames.size(), 1u);
    EXPECT_EQ(decoded.frames[0].format(), expected.format);
    expect_quarters(decoded, expected.tolerance);
  }
}

TEST_F(Picture, OfAPaletteBecomesRgb) {
  const Decoded decoded = decode_all(make_quarters(palette + " -update 1", "a.png"));

  ASSERT_EQ(decoded.frames.size(), 1u);
  EXPECT_EQ(decoded.frames[0].format(), PixelFormat::rgb24);
  expect_quarters(decoded, kTolerance);
}

TEST_F(Picture, ComesOutOfEveryKindOfFileWithItsColours) {
  const std::map<std::string, std::string> kinds = {
      {"a.png", "-update 1"},
      {"a.bmp", "-update 1"},
      {"a.tiff", "-update 1"},
      {"a.webp", "-lossless 1 -update 1"},
      {"b.png", "-pix_fmt rgb48be -update 1"},
      {"a.gif", palette},
      {"a.mov", "-c:v qtrle -pix_fmt rgb24"},
      {"a.mkv", "-c:v ffv1 -pix_fmt bgr0"},
      {"a.avi", "-c:v huffyuv -pix_fmt bgra"},
      {"b.mkv", "-c:v ffv1 -pix_fmt gbrp"},
      {"b.mov", "-c:v libx264rgb -crf 0"},
      {"c.mkv", "-c:v libx265 -pix_fmt gbrp -x265-params lossless=1:log-level=none"},
  };
  for (const auto& [name, arguments] : kinds) {
    SCOPED_TRACE(name);
    expect_quarters(decode_all(make_quarters(arguments, name)), kTolerance);
  }
}

TEST_F(Picture, OfAJpegIsBt601InFullRangeWithCentredChroma) {
  for (const std::string format : {"yuvj420p", "yuvj422p", "yuvj444p"}) {
    SCOPED_TRACE(format);
    const Decoded decoded =
        decode_all(make_quarters("-pix_fmt " + format + " -q:v 1 -update 1", format + ".jpg"));
    expect_quarters(decoded, 6);  // Lossy.
    EXPECT_EQ(decoded.frames.at(0).color(),
              (Color{ColorMatrix::bt601, ColorRange::full, ChromaLocation::center}));
  }
}

TEST_F(Picture, OfAJpegIsBt601WhateverItsSize) {
  for (const std::string name : {"a.jpg", "a.avi"}) {
    const Frame frame = only_frame(make(
        "-f lavfi -i testsrc=s=1280x720 -frames:v 1 -c:v mjpeg -pix_fmt yuvj420p -update 1 -f " +
            std::string(name == "a.jpg" ? "image2" : "avi"),
        name));
    EXPECT_EQ(frame.color().matrix, ColorMatrix::bt601) << name;
    EXPECT_EQ(frame.color().range, ColorRange::full) << name;
  }
}

TEST_F(Picture, HasTheColoursThatItsTagsSay) {
  struct Case {
    std::string arguments;
    ColorMatrix matrix;
    ColorRange range;
  };
  const std::vector<Case> cases = {
      {as_yuv("bt709", "tv", "yuv444p") + " -colorspace bt709 -color_range tv", ColorMatrix::bt709,
       ColorRange::limited},
      {as_yuv("bt709", "pc", "yuv444p") + " -colorspace bt709 -color_range pc", ColorMatrix::bt709,
       ColorRange::full},
      {as_yuv("bt601", "tv", "yuv444p") + " -colorspace smpte170m -color_range tv",
       ColorMatrix::bt601, ColorRange::limited},
      {as_yuv("bt2020", "tv", "yuv444p10le") + " -colorspace bt2020nc -color_range tv",
       ColorMatrix::bt2020, ColorRange::limited},
  };
  for (std::size_t i = 0; i < cases.size(); ++i) {
    SCOPED_TRACE(cases[i].arguments);
    const Decoded decoded = decode_all(
        make_quarters(cases[i].arguments + " -c:v libx264 -qp 0", std::to_string(i) + ".mp4"));
    expect_quarters(decoded, kTolerance);
    EXPECT_EQ(decoded.frames.at(0).color().matrix, cases[i].matrix);
    EXPECT_EQ(decoded.frames.at(0).color().range, cases[i].range);
  }
}

TEST_F(Picture, WithoutTagsHasTheColoursOfItsSize) {
  const auto color_at = [this](const std::string& size) {
    return only_frame(
               make("-f lavfi -i color=red:s=" + size + " -frames:v 1 -vf format=yuv420p -c:v ffv1",
                    size + ".avi"))
        .color();
  };

  EXPECT_EQ(color_at("1278x718"), Color{});
  EXPECT_EQ(color_at("1280x720"), Color{.matrix = ColorMatrix::bt709});
}

TEST_F(Picture, InHighDynamicRangeSaysWhichAndWarnsOnce) {
  const std::string arguments =
      "-f lavfi -i testsrc=s=64x48:r=25:d=0.2 -pix_fmt yuv420p10le -c:v libx264 -colorspace "
      "bt2020nc "
      "-color_primaries bt2020 -color_trc ";
  const std::string pq = make(arguments + "smpte2084", "pq.mp4");
  const std::string hlg = make(arguments + "arib-std-b67", "hlg.mp4");

  testing::internal::CaptureStderr();
  const Decoded decoded = decode_all(pq);
  const std::string log = testing::internal::GetCapturedStderr();
  EXPECT_EQ(decoded.frames.at(4).color().transfer, TransferFunction::pq);
  EXPECT_EQ(decoded.frames.at(4).color().matrix, ColorMatrix::bt2020);
  EXPECT_THAT(log, testing::HasSubstr("smpte2084"));
  EXPECT_EQ(std::count(log.begin(), log.end(), '\n'), 1);
  EXPECT_EQ(decode_all(hlg).frames.at(4).color().transfer, TransferFunction::hlg);
}

TEST_F(Picture, WithAnUnknownMatrixIsTakenAsUntaggedAndWarnsOnce) {
  const std::string file =
      make("-f lavfi -i testsrc=s=64x48:r=25:d=0.2 -pix_fmt yuv444p -c:v libx264 -colorspace ycgco",
           "a.mp4");

  testing::internal::CaptureStderr();
  const Decoded decoded = decode_all(file);
  const std::string log = testing::internal::GetCapturedStderr();
  EXPECT_EQ(decoded.frames.at(4).color().matrix, ColorMatrix::bt601);
  EXPECT_THAT(log, testing::HasSubstr("ycgco"));
  EXPECT_EQ(std::count(log.begin(), log.end(), '\n'), 1);
}

TEST_F(Picture, HasTheShapeOfItsContainersPixels) {
  EXPECT_NEAR(only_frame(make("-f lavfi -i testsrc=s=64x48 -frames:v 1 -vf setsar=16/11 -c:v mpeg4",
                              "a.mp4"))
                  .geometry()
                  .pixel_aspect,
              16.0 / 11, 1e-9);
}

TEST_F(Picture, HasTheShapeOfItsCodecsPixelsWhereTheContainerSaysNothing) {
  EXPECT_NEAR(only_frame(make("-f lavfi -i testsrc=s=64x48 -frames:v 1 -vf setsar=4/3 -c:v libx264",
                              "a.h264"))
                  .geometry()
                  .pixel_aspect,
              4.0 / 3, 1e-9);
}

TEST_F(Picture, HasSquarePixelsIfTheirShapeIsAbsurd) {
  EXPECT_EQ(
      only_frame(make("-f lavfi -i testsrc=s=64x48 -frames:v 1 -c:v ffv1 -aspect 400:1", "a.mkv"))
          .geometry()
          .pixel_aspect,
      1);
}

TEST_F(Picture, OfAStillHasSquarePixelsWhateverItsDensity) {
  const Frame frame =
      only_frame(make("-f lavfi -i testsrc=s=64x48 -frames:v 1 -vf setsar=2/1 -update 1", "a.jpg"));

  EXPECT_EQ(frame.geometry().pixel_aspect, 1);
  EXPECT_TRUE(frame.is_still());
}

TEST_F(Picture, OfAStillIsTurnedAsItsExifSays) {
  const std::string plain =
      bytes_of(make("-f lavfi -i testsrc=s=64x48 -frames:v 1 -update 1", "plain.jpg"));
  for (int value = 1; value <= 8; ++value) {
    const std::string file =
        put(std::to_string(value) + ".jpg",
            plain.substr(0, 2) + jpeg_exif(exif_tiff(value, 'M')) + plain.substr(2));
    EXPECT_EQ(only_frame(file).geometry().orientation, static_cast<Orientation>(value));
  }
  EXPECT_EQ(only_frame(path("plain.jpg")).geometry().orientation, Orientation::upright);
}

TEST_F(Picture, OfASequenceIsTurnedAsItsOwnExifSays) {
  const std::string plain =
      bytes_of(make("-f lavfi -i testsrc=s=64x48 -frames:v 1 -update 1", "1.jpg"));
  put("0.jpg", plain.substr(0, 2) + jpeg_exif(exif_tiff(6, 'I')) + plain.substr(2));
  const Decoded decoded = decode_all(join_images(*expand_source(path("?.jpg"))).front());

  EXPECT_EQ(decoded.frames.at(0).geometry().orientation, Orientation::rotated_90_clockwise);
  EXPECT_EQ(decoded.frames.at(1).geometry().orientation, Orientation::upright);
}

/// What the container's matrix does must be what FFmpeg's own player does with it.
TEST_F(Picture, OfAVideoIsTurnedAsItsDisplayMatrixSays) {
  const std::string plain = bytes_of(make_quarters("-c:v libx264rgb -crf 0", "plain.mov"));
  const std::size_t header = plain.find("tkhd");
  ASSERT_NE(header, std::string::npos);
  const std::size_t matrix = header + 4 + 40;  // Version 0: behind times, layer and volume.
  // Rows of the matrix (a b, c d) for the orientations 1 to 8.
  constexpr std::array<std::array<int, 4>, 8> kTurns = {{{1, 0, 0, 1},
                                                         {-1, 0, 0, 1},
                                                         {-1, 0, 0, -1},
                                                         {1, 0, 0, -1},
                                                         {0, 1, 1, 0},
                                                         {0, 1, -1, 0},
                                                         {0, -1, -1, 0},
                                                         {0, -1, 1, 0}}};
  for (std::size_t i = 0; i < kTurns.size(); ++i) {
    SCOPED_TRACE(i + 1);
    std::string turned = plain;
    constexpr std::array<std::size_t, 4> kPlaces = {0, 4, 12, 16};
    for (std::size_t k = 0; k < kPlaces.size(); ++k) {
      turned.replace(matrix + kPlaces[k], 4,
                     big_endian(static_cast<std::size_t>(kTurns[i][k]) << 16, 4));
    }
    const std::string file = put(std::to_string(i + 1) + ".mov", turned);
    const Frame frame = only_frame(file);
    ASSERT_EQ(frame.geometry().orientation, static_cast<Orientation>(i + 1));

    const std::string upright = bytes_of(
        make("-i '" + file + "' -f rawvideo -pix_fmt rgb24", std::to_string(i + 1) + ".rgb"));
    const Size size = frame.geometry().frame_size();
    const auto upright_width = static_cast<std::size_t>(size.width);
    ASSERT_EQ(upright.size(), upright_width * static_cast<std::size_t>(size.height) * 3);
    const auto stored_from_frame = frame.geometry().stored_from_frame();
    const HostPicture picture = *frame.host_picture();
    for (const auto& [x, y] :
         {std::pair{3, 5}, std::pair{size.width - 7, 4}, std::pair{2, size.height - 6}}) {
      const Point<StoredPx> at = stored_from_frame * Point<FramePx>{static_cast<float>(x) + 0.5F,
                                                                    static_cast<float>(y) + 0.5F};
      const std::array<double, 3> rgb =
          rgb_at(picture, static_cast<int>(at.x), static_cast<int>(at.y));
      for (std::size_t k = 0; k < 3; ++k) {
        const std::size_t pixel =
            static_cast<std::size_t>(y) * upright_width + static_cast<std::size_t>(x);
        EXPECT_EQ(rgb[k], static_cast<unsigned char>(upright[pixel * 3 + k]));
      }
    }
  }
}

TEST_F(Picture, HasItsOwnSizeAndFormatWhenTheyChangeInMidStream) {
  const std::string first =
      bytes_of(make("-f lavfi -i testsrc=s=64x48:d=0.2 -pix_fmt yuvj420p", "first.mjpeg"));
  const std::string second =
      bytes_of(make("-f lavfi -i testsrc=s=32x80:d=0.2 -pix_fmt yuvj444p", "second.mjpeg"));
  const Decoded decoded = decode_all(put("both.mjpeg", first + second));

  ASSERT_EQ(decoded.frames.size(), 10u);
  EXPECT_EQ(decoded.frames[4].geometry().stored, (Size{64, 48}));
  EXPECT_EQ(decoded.frames[4].format(), PixelFormat::yuv420p);
  EXPECT_EQ(decoded.frames[5].geometry().stored, (Size{32, 80}));
  EXPECT_EQ(decoded.frames[5].format(), PixelFormat::yuv444p);
}

TEST_F(Picture, OfOnePixelIsDecoded) {
  EXPECT_EQ(
      only_frame(make("-f lavfi -i color=red:s=8x8 -frames:v 1 -vf format=rgb24,crop=1:1 -update 1",
                      "a.png"))
          .geometry()
          .stored,
      (Size{1, 1}));
}

TEST_F(Picture, OfAbsurdSizeIsAFailureNotAFrame) {
  std::string png = bytes_of(make("-f lavfi -i color=red:s=8x8 -frames:v 1 -update 1", "a.png"));
  const std::size_t header = png.find("IHDR");
  png.replace(header + 4, 8, big_endian(100'000, 4) + big_endian(100'000, 4));
  const Decoded decoded = decode_all(put("huge.png", png));

  EXPECT_TRUE(decoded.frames.empty());
  EXPECT_EQ(decoded.failures.size(), 1u);
}

TEST_F(Picture, OutlivesItsDecoder) {
  Frame kept = [this] {
    const Decoded decoded =
        decode_all(make("-f lavfi -i testsrc2=s=64x48:r=25:d=1 -c:v libx264 -qp 0", "a.mp4"));
    return decoded.frames.at(3);
  }();
  const std::string raw = bytes_of(make("-i '" + path("a.mp4") + "' -f rawvideo", "a.yuv"));
  const HostPicture picture = *kept.host_picture();

  constexpr std::size_t kFrameBytes = 64 * 48 * 3 / 2;
  for (int y = 0; y < 48; y += 5) {
    for (int x = 0; x < 64; x += 7) {
      const auto expected = static_cast<unsigned char>(
          raw[3 * kFrameBytes + static_cast<std::size_t>(y) * 64 + static_cast<std::size_t>(x)]);
      EXPECT_EQ(sample_at(picture, 0, x, y), expected);
    }
  }
}

}  // namespace
}  // namespace retinue
