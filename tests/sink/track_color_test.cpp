#include "sink/track_color.hpp"

#include <cmath>

#include <gmock/gmock.h>

namespace retinue {
namespace {

double distance(const SrgbColor& a, const SrgbColor& b) {
  return std::hypot(a.red - b.red, a.green - b.green, a.blue - b.blue);
}

/// Relative luminance, as WCAG 2 defines it.
double luminance(const SrgbColor& color) {
  const auto linear = [](double value) {
    return value <= 0.04045 ? value / 12.92 : std::pow((value + 0.055) / 1.055, 2.4);
  };
  return 0.2126 * linear(color.red) + 0.7152 * linear(color.green) + 0.0722 * linear(color.blue);
}

TEST(TrackColor, StaysTheSameForATrack) {
  EXPECT_EQ(distance(color_of(TrackId{5}), color_of(TrackId{5})), 0);
}

TEST(TrackColor, TellsTheFirstTracksApart) {
  for (std::uint32_t a = 1; a <= 8; ++a) {
    for (std::uint32_t b = a + 1; b <= 8; ++b)
      EXPECT_GT(distance(color_of(TrackId{a}), color_of(TrackId{b})), 0.12) << a << " and " << b;
  }
}

TEST(TrackColor, TellsNeighbouringIdsApartHoweverLarge) {
  for (const std::uint32_t id : {1U, 99U, 100'000U, 4'000'000'000U})
    EXPECT_GT(distance(color_of(TrackId{id}), color_of(TrackId{id + 1})), 0.4) << id;
}

TEST(TrackColor, IsLightEnoughToStandOnItsDarkOutline) {
  for (std::uint32_t id = 1; id <= 200; ++id) {
    const SrgbColor color = color_of(TrackId{id});
    EXPECT_GT((luminance(color) + 0.05) / 0.05, 7) << id;  // WCAG 2: contrast of level AAA.
    for (const double part : {color.red, color.green, color.blue}) {
      EXPECT_GE(part, 0);
      EXPECT_LE(part, 1);
    }
  }
}

TEST(TrackColor, IsGreyWithoutATrack) {
  const SrgbColor color = color_of(std::nullopt);

  EXPECT_NEAR(color.red, color.green, 1e-3);
  EXPECT_NEAR(color.green, color.blue, 1e-3);
}

}  // namespace
}  // namespace retinue
