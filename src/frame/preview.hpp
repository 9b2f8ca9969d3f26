/// A displayable picture made from a frame for people to look at; models never see one.
#pragma once

#include <cstddef>
#include <cstdint>

#include "geometry/box.hpp"

namespace retinue {

/// Bytes B, G, R, unused, in FramePx: upright for display, at the frame's own size. A borrow of
/// writable host memory, so that overlays can be drawn into it.
struct Preview {
  std::byte* bgrx = nullptr;
  std::ptrdiff_t stride_bytes = 0;
  Size size;
};

}  // namespace retinue
