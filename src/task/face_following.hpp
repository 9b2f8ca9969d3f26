/// The two ends of the part of a frame's steps that depends on the frame before: tracking mode.
#pragma once

#include <cstddef>
#include <memory>

#include "task/step.hpp"

namespace retinue {

/// Before the mesh: what the follower expects joins what the detector found. At most `max_faces`.
std::unique_ptr<Step> create_face_expectation(std::size_t max_faces);

/// Behind the mesh: the follower takes what it found.
std::unique_ptr<Step> create_face_memory();

}  // namespace retinue
