/// Bilinear interpolation along any line through a component's samples, in vectors.
#pragma once

#include <array>

#include "preprocess/cpu/component_group.hpp"

namespace retinue {

/// A row of the tensor as a line through the samples of a group: pixel i lies at (x + i * step_x,
/// y + i * step_y), in samples, whose centres are here at whole numbers.
struct SampleLine {
  double x = 0;
  double y = 0;
  double step_x = 1;
  double step_y = 0;
  int count = 0;
};

/// Whether `gather_line` can read the group: it needs two samples and four bytes a row, two rows,
/// and offsets of less than 2 GiB.
bool can_gather(const ComponentGroup& group);

/// out[component][i] = the component's value at pixel i, times the group's unit. Beyond the picture
/// its edge goes on. Reads no byte outside the rows' samples; writes up to one vector beyond
/// `count`.
void gather_line(const ComponentGroup& group, const SampleLine& line,
                 const std::array<float*, 3>& out);

}  // namespace retinue
