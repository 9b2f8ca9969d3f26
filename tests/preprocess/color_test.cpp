// Colours come out as the standards say. The triples were computed by hand from the equations of
// ITU-R BT.601, BT.709 and BT.2020, and agree with the colour bars that those standards tabulate.
#include <array>
#include <ostream>
#include <string>

#include <gtest/gtest.h>

#include "preprocess/sampler.hpp"
#include "preprocess/test_picture.hpp"

namespace retinue {
namespace {

struct ColorCase {
  const char* name;
  PixelFormat format;
  ColorMatrix matrix;
  ColorRange range;
  std::array<int, 3> codes;
  std::array<float, 3> rgb;
};

std::ostream& operator<<(std::ostream& out, const ColorCase& c) {
  return out << c.name;
}

std::array<float, 3> sampled_color(const TestPicture& picture) {
  const auto sampler = create_sampler({}).value();
  Tensor out(ElementType::float32, {1, 3, 1, 1});
  const Affine<UprightPx, TensorPx> map{.x0 = 7, .y0 = 5};
  const Result<void> result = sampler->sample(picture.frame(), map, {}, out.view());
  EXPECT_TRUE(result);
  return {out.floats()[0], out.floats()[1], out.floats()[2]};
}

class KnownColor : public ::testing::TestWithParam<ColorCase> {};

TEST_P(KnownColor, ComesOutAsTheStandardSays) {
  const ColorCase& c = GetParam();
  TestPicture picture(
      {.format = c.format, .size = {16, 12}, .color = {.matrix = c.matrix, .range = c.range}});
  picture.fill(c.codes);
  const auto rgb = sampled_color(picture);
  // The codes are rounded colours: one code of chroma is up to 2.2 levels of blue.
  const float tolerance = layout_of(c.format).depth_bits > 8 ? 0.6F : 2.2F;
  EXPECT_NEAR(rgb[0], c.rgb[0], tolerance);
  EXPECT_NEAR(rgb[1], c.rgb[1], tolerance);
  EXPECT_NEAR(rgb[2], c.rgb[2], tolerance);
}

using enum PixelFormat;
using enum ColorMatrix;
using enum ColorRange;

INSTANTIATE_TEST_SUITE_P(
    AllMatrices, KnownColor,
    ::testing::Values(
        ColorCase{"black_limited", yuv420p, bt601, limited, {16, 128, 128}, {0, 0, 0}},
        ColorCase{"white_limited", yuv420p, bt709, limited, {235, 128, 128}, {255, 255, 255}},
        ColorCase{"white_full", yuv444p, bt601, full, {255, 128, 128}, {255, 255, 255}},
        ColorCase{"red_601_limited", nv12, bt601, limited, {81, 90, 240}, {255, 0, 0}},
        ColorCase{"green_601_limited", nv21, bt601, limited, {145, 54, 34}, {0, 255, 0}},
        ColorCase{"blue_601_limited", yuv422p, bt601, limited, {41, 240, 110}, {0, 0, 255}},
        ColorCase{"red_709_limited", yuv420p, bt709, limited, {63, 102, 240}, {255, 0, 0}},
        ColorCase{"green_709_limited", yuv440p, bt709, limited, {173, 42, 26}, {0, 255, 0}},
        ColorCase{"blue_709_limited", yuv411p, bt709, limited, {32, 240, 118}, {0, 0, 255}},
        ColorCase{"red_601_full", yuv410p, bt601, full, {76, 85, 255}, {255, 0, 0}},
        ColorCase{"blue_709_full", yuv420p, bt709, full, {18, 255, 116}, {0, 0, 255}},
        ColorCase{"red_2020_limited_10", yuv420p10, bt2020, limited, {294, 387, 960}, {255, 0, 0}},
        ColorCase{"green_2020_limited_10", p010, bt2020, limited, {658, 189, 100}, {0, 255, 0}},
        ColorCase{"blue_709_full_10", yuv444p10, bt709, full, {74, 1023, 465}, {0, 0, 255}},
        ColorCase{"green_601_limited_12", yuv422p12, bt601, limited, {2313, 861, 547}, {0, 255, 0}},
        ColorCase{"gray_full", gray8, bt601, full, {100, 0, 0}, {100, 100, 100}},
        ColorCase{"gray_limited_10", gray10, bt601, limited, {502, 0, 0}, {127.5, 127.5, 127.5}},
        ColorCase{"gray_full_16", gray16, bt601, full, {65535, 0, 0}, {255, 255, 255}},
        ColorCase{"rgb_packed", rgb24, bt601, full, {10, 100, 200}, {10, 100, 200}},
        ColorCase{"rgb_with_alpha_first", argb, bt601, full, {10, 100, 200}, {10, 100, 200}},
        ColorCase{"rgb_planar", gbrp, bt601, full, {10, 100, 200}, {10, 100, 200}}),
    [](const auto& test) { return std::string(test.param.name); });

TEST(Color, OutsideTheGamutIsClamped) {
  TestPicture picture({.format = yuv444p, .size = {16, 12}});
  picture.fill({235, 240, 240});  // Brighter than white, in red and blue.
  const auto rgb = sampled_color(picture);
  EXPECT_EQ(rgb[0], 255);
  EXPECT_EQ(rgb[2], 255);
}

TEST(Color, HighDynamicRangeWhiteAndBlackStayInRange) {
  for (const TransferFunction transfer : {TransferFunction::pq, TransferFunction::hlg}) {
    const Color color{.matrix = bt2020, .transfer = transfer};
    TestPicture picture({.format = yuv420p10, .size = {16, 12}, .color = color});
    EXPECT_NEAR(sampled_color(picture.fill({64, 512, 512}))[1], 0, 0.01);
    EXPECT_NEAR(sampled_color(picture.fill({940, 512, 512}))[1], 255, 0.01);
  }
}

// Both systems put the white of a page at 203 cd/m² (ITU-R BT.2408): 58 % of PQ's range and 75 % of
// HLG's. So both have to become the same SDR tone.
TEST(Color, ReferenceWhiteOfPqAndHlgIsTheSameTone) {
  const auto tone = [](TransferFunction transfer, double signal) {
    const Color color{.matrix = bt2020, .transfer = transfer};
    TestPicture picture({.format = yuv420p12, .size = {16, 12}, .color = color});
    const int code = static_cast<int>(256 + signal * (3760 - 256));
    return sampled_color(picture.fill({code, 2048, 2048}))[1];
  };
  EXPECT_NEAR(tone(TransferFunction::pq, 0.58), tone(TransferFunction::hlg, 0.75), 1.5);
  EXPECT_NEAR(tone(TransferFunction::pq, 0.58), 194, 2);
}

}  // namespace
}  // namespace retinue
