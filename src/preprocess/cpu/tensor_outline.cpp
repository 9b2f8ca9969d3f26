#include "preprocess/cpu/tensor_outline.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace retinue {

TensorOutline::TensorOutline(const Affine<ComponentPx, TensorPx>& from_tensor, Size tensor,
                             Size grid)
    : grid_(grid) {
  const auto corner = [&from_tensor](double x, double y) {
    return Corner{from_tensor.xx * x + from_tensor.xy * y + from_tensor.x0 - 0.5,
                  from_tensor.yx * x + from_tensor.yy * y + from_tensor.y0 - 0.5};
  };
  const double right = tensor.width - 0.5;
  const double bottom = tensor.height - 0.5;
  corners_ = {corner(0.5, 0.5), corner(right, 0.5), corner(right, bottom), corner(0.5, bottom)};
}

ColumnRange TensorOutline::columns(int row) const {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  // Row r is a tap of what lies less than one row away; the outer rows of everything beyond them.
  const double top = row == 0 ? -kInfinity : row - 1;
  const double bottom = row == grid_.height - 1 ? kInfinity : row + 1;
  double low = kInfinity;
  double high = -kInfinity;
  const auto include = [&low, &high](double x) {
    low = std::min(low, x);
    high = std::max(high, x);
  };
  for (std::size_t i = 0; i < corners_.size(); ++i) {
    const Corner& a = corners_[i];
    const Corner& b = corners_[(i + 1) % corners_.size()];
    if (a.y >= top && a.y <= bottom) include(a.x);
    for (const double y : {top, bottom}) {
      if ((a.y < y) != (b.y < y) && std::isfinite(y))
        include(a.x + (b.x - a.x) * (y - a.y) / (b.y - a.y));
    }
  }
  if (low > high) return {};
  const auto column = [this](double x) {
    return static_cast<int>(std::clamp(x, 0.0, grid_.width - 1.0));
  };
  return {column(std::floor(low) - 1), column(std::floor(high) + 2) + 1};
}

}  // namespace retinue
