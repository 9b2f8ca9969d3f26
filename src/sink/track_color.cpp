#include "sink/track_color.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace retinue {

namespace {

constexpr double kLightness = 0.82;
constexpr double kChroma = 0.145;
/// The first track is a calm blue-green: most videos have one face.
constexpr double kFirstHue = 0.47;

double gamma_encoded(double linear) {
  const double value = std::clamp(linear, 0.0, 1.0);
  return value <= 0.0031308 ? 12.92 * value : 1.055 * std::pow(value, 1 / 2.4) - 0.055;
}

SrgbColor srgb_from_oklab(double L, double a, double b) {
  const double l = std::pow(L + 0.3963377774 * a + 0.2158037573 * b, 3);
  const double m = std::pow(L - 0.1055613458 * a - 0.0638541728 * b, 3);
  const double s = std::pow(L - 0.0894841775 * a - 1.2914855480 * b, 3);
  return {gamma_encoded(4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s),
          gamma_encoded(-1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s),
          gamma_encoded(-0.0041960863 * l - 0.7034186147 * m + 1.7076147010 * s)};
}

}  // namespace

SrgbColor color_of(std::optional<TrackId> track) {
  if (!track) return srgb_from_oklab(0.9, 0, 0);
  const double turns = kFirstHue + (track->value - 1.0) * (std::numbers::phi - 1);
  const double hue_rad = 2 * std::numbers::pi * (turns - std::floor(turns));
  return srgb_from_oklab(kLightness, kChroma * std::cos(hue_rad), kChroma * std::sin(hue_rad));
}

}  // namespace retinue
