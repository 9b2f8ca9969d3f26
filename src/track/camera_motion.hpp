/// Notices that the camera moved, from what that did to all boxes at once.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "geometry/affine.hpp"
#include "geometry/box.hpp"
#include "geometry/space.hpp"

namespace retinue {

/// Finds the pan and zoom (uniform scale and translation) that takes the boxes that were expected
/// onto those that are seen, where they are not where they were expected.
///
/// Each pair of an expected box and one that is seen and about as large proposes a motion. The one
/// that brings most boxes onto another wins, if it does so for more than half of them, for two at
/// least, and clearly better than no motion; its pairs' median scale and translation are the
/// answer. One box alone tells nothing: it may have moved itself. A row of equal boxes at equal
/// distances that moved by that distance looks as if it had stood still, and is taken to.
///
/// Looks at the 12 largest boxes of each side, at the 12^4 overlaps of which a frame of such a
/// motion costs a fraction of a millisecond; a frame in which most boxes are where they were
/// expected costs one overlap for each of their pairs. Keeps its memory from call to call.
/// Thread-bound.
class CameraMotion {
 public:
  /// Absent where the camera stood still, moved as little as the boxes' own motion explains, or
  /// cannot be told. Boxes that are not finite are passed over.
  std::optional<Affine<FramePx, FramePx>> estimate(std::span<const Box<FramePx>> expected,
                                                   std::span<const Box<FramePx>> seen);

 private:
  using Motion = Affine<FramePx, FramePx>;
  struct Pair {
    std::size_t expected = 0;
    std::size_t seen = 0;
  };
  /// How well a motion explains what is seen.
  struct Agreement {
    float overlap = 0;  ///< Sum of the pairs' IoU.
    std::size_t pairs = 0;
  };

  /// Fills `pairs_`: each expected box, moved, with the one seen that it overlaps most.
  Agreement agreement(const Motion& motion);
  /// Of `pairs_`, which are not empty.
  Motion median_motion();

  // Of one call; kept for their memory.
  std::vector<Box<FramePx>> expected_;
  std::vector<Box<FramePx>> seen_;
  std::vector<bool> taken_;
  std::vector<Pair> pairs_;
  std::vector<double> scales_;
  std::vector<double> xs_;
  std::vector<double> ys_;
};

}  // namespace retinue
