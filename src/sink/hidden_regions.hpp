/// Making parts of a picture unrecognisable.
#pragma once

#include <span>

#include "frame/preview.hpp"
#include "perception/hidden_region.hpp"

namespace retinue {

/// Replaces each region by two by two means of the pixels around it, in grey, blended into each
/// other: no blur that could be undone, for nothing finer is left, and no skin by which a detector
/// would know a head. Parts outside the picture are left out. Reentrant. Needs rows that begin at a
/// multiple of 4 bytes.
void hide_regions(std::span<const HiddenRegion> regions, const Preview& picture);

}  // namespace retinue
