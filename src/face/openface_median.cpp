#include "face/openface_median.hpp"

#include <algorithm>

namespace retinue {

namespace {

struct Bins {
  std::size_t count;
  double low;
  double high;

  std::size_t of(double value) const {
    const double at = (value - low) * static_cast<double>(count) / (high - low);
    return static_cast<std::size_t>(std::clamp(at, 0.0, static_cast<double>(count - 1)));
  }
  double center(std::size_t bin) const {
    return low + (static_cast<double>(bin) + 0.5) * (high - low) / static_cast<double>(count);
  }
};

constexpr Bins kFhogBins{1000, -0.005, 1};
constexpr Bins kShapeBins{10'000, -60, 60};
constexpr std::size_t kShapeFeatures = kOpenFaceFeatureCount - kFhogCount;

}  // namespace

OpenFaceMedian::OpenFaceMedian()
    : counts_(kFhogCount * kFhogBins.count + kShapeFeatures * kShapeBins.count),
      places_(kOpenFaceFeatureCount) {}

void OpenFaceMedian::add(const OpenFaceFeatures& features) {
  ++count_;
  const std::uint32_t middle = (count_ + 1) / 2;
  std::uint32_t* counts = counts_.data();
  for (std::size_t i = 0; i < kOpenFaceFeatureCount; ++i) {
    const Bins& bins = i < kFhogCount ? kFhogBins : kShapeBins;
    Place& place = places_[i];
    const std::size_t bin = bins.of(features[i]);
    ++counts[bin];
    if (bin <= place.bin) ++place.up_to_bin;
    while (place.up_to_bin < middle)
      place.up_to_bin += counts[++place.bin];
    while (place.up_to_bin - counts[place.bin] >= middle)
      place.up_to_bin -= counts[place.bin--];
    median_[i] = bins.center(place.bin);
    if (i < kFhogCount) median_[i] = std::max(median_[i], 0.0);
    counts += bins.count;
  }
}

void OpenFaceMedian::reset() {
  std::ranges::fill(counts_, 0);
  std::ranges::fill(places_, Place{});
  count_ = 0;
  median_.fill(0);
}

}  // namespace retinue
