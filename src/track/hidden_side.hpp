/// What of a box another hides.
#pragma once

#include <cstddef>
#include <span>

#include "geometry/box.hpp"
#include "geometry/space.hpp"

namespace retinue {

/// The whole of an object of which `seen[index]` may be the part that no other box hides.
///
/// While one object goes behind another, a detector finds what is left of it: the box becomes
/// narrower, its hidden side stands still and its middle seems to slow down or to turn. A filter
/// that believes this expects the object to come out where it went in. So a box that is smaller
/// than `expected`, with another box over one of its two sides (left and right, above and below),
/// is given the expected extent from its other side on.
Box<FramePx> with_hidden_side(std::span<const Box<FramePx>> seen, std::size_t index,
                              const Box<FramePx>& expected);

}  // namespace retinue
