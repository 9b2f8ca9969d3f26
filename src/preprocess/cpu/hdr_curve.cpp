#include "preprocess/cpu/hdr_curve.hpp"

#include <algorithm>
#include <cmath>

namespace retinue {

namespace {

constexpr double kReferenceWhite = 203;  // cd/m²
constexpr double kPeakWhite = 1000;      // cd/m²

double luminance_from_pq(double component) {
  constexpr double kM1 = 2610.0 / 16384;
  constexpr double kM2 = 2523.0 / 4096 * 128;
  constexpr double kC1 = 3424.0 / 4096;
  constexpr double kC2 = 2413.0 / 4096 * 32;
  constexpr double kC3 = 2392.0 / 4096 * 32;
  const double root = std::pow(component, 1 / kM2);
  return 10000 * std::pow(std::max(root - kC1, 0.0) / (kC2 - kC3 * root), 1 / kM1);
}

double luminance_from_hlg(double component) {
  constexpr double kA = 0.17883277;
  constexpr double kB = 1 - 4 * kA;
  const double c = 0.5 - kA * std::log(4 * kA);
  const double scene =
      component <= 0.5 ? component * component / 3 : (std::exp((component - c) / kA) + kB) / 12;
  return kPeakWhite * std::pow(scene, 1.2);
}

double sdr_from_luminance(double luminance) {
  constexpr double kWhite = kPeakWhite / kReferenceWhite;
  const double level = luminance / kReferenceWhite;
  const double compressed = level * (1 + level / (kWhite * kWhite)) / (1 + level);
  return std::pow(std::min(compressed, 1.0), 1 / 2.4);
}

}  // namespace

double sdr_from(TransferFunction transfer, double component) {
  switch (transfer) {
    case TransferFunction::sdr:
      return component;
    case TransferFunction::pq:
      return sdr_from_luminance(luminance_from_pq(component));
    case TransferFunction::hlg:
      return sdr_from_luminance(luminance_from_hlg(component));
  }
  __builtin_unreachable();
}

}  // namespace retinue
