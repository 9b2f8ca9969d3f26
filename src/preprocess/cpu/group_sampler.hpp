/// Reads one group of components along the rows of a tensor.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "preprocess/cpu/component_group.hpp"
#include "preprocess/cpu/separable_resampler.hpp"
#include "preprocess/cpu/tensor_outline.hpp"

namespace retinue {

/// Owns scratch memory that grows to the largest region seen. Chooses the cheapest way by which the
/// rule of `Footprint` can be followed:
///  - rows stay rows: each tensor row is resampled separably;
///  - no shrinking, or no low-pass: bilinear taps are gathered straight from the picture, or, from
///  planes of bytes,
///    from a copy of the region in which the samples that are read together are neighbours;
///  - else the region is resampled separably into a smaller picture of 16-bit samples (transposed:
///    at the tensor's pixels; turned: on the `CoarseGrid`), from which bilinear taps are gathered.
class GroupSampler {
 public:
  /// Borrows the group's samples until the next call. `size` is the tensor's, `low_pass` the
  /// SampleSpec's.
  void assign(const ComponentGroup& group, Size size, bool low_pass);

  /// out[component][i] = the component at pixel (i, j), times `unit()`, for `first` <= i < `last`.
  /// Writes up to one vector beyond `last`.
  void row(int j, int first, int last, const std::array<float*, 3>& out);

  int unit() const { return source_.unit; }

 private:
  void resample(const ComponentGroup& group, const AxisWindows& across, const AxisWindows& down,
                const TensorOutline& outline);
  void pair_samples(const ComponentGroup& group, Size tensor);

  bool separable_ = false;
  SeparableResampler resampler_;
  ComponentGroup source_;  ///< What `row` reads.
  std::vector<std::uint16_t> samples_;
  std::array<std::vector<float>, 3> row_;
};

}  // namespace retinue
