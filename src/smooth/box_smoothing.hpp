/// One-Euro filters on boxes and coordinates, with the size of their object as the unit.
#pragma once

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>

#include "base/clock.hpp"
#include "geometry/box.hpp"
#include "smooth/one_euro_filter.hpp"

namespace retinue {

/// The filters of an object that was away for longer start anew.
inline constexpr std::chrono::milliseconds kForgetFiltersAfter{500};

/// The unit of an object's speeds: the root of its box's area, a pixel at least.
template <typename Space>
double size_of(const Box<Space>& box) {
  return std::max(1.0, std::sqrt(static_cast<double>(std::max(box.area(), 0.0F))));
}

/// By its corners: a corner's noise does not depend on the other's movement.
template <typename Space>
void smooth_box(OneEuroFilters<4>& filters, Box<Space>& box, MediaTime time,
                const OneEuroSettings& settings, double scale) {
  std::array<float, 4> corners = {box.x, box.y, box.right(), box.bottom()};
  filters.begin(time, settings, scale);
  for (std::size_t i = 0; i < corners.size(); ++i)
    filters.smooth(i, corners[i]);
  box = {corners[0], corners[1], corners[2] - corners[0], corners[3] - corners[1]};
}

}  // namespace retinue
