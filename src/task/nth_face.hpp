/// Which face a request of a step is about.
#pragma once

#include <cstddef>

namespace retinue {

/// The n-th of the faces of which `is_asked` is true, where the step's request_count says how many
/// these are.
template <typename Faces, typename IsAsked>
auto& nth_face(Faces& faces, std::size_t n, const IsAsked& is_asked) {
  for (auto& face : faces) {
    if (is_asked(face) && n-- == 0) return face;
  }
  return faces.front();  // Not reached: requests are counted.
}

}  // namespace retinue
