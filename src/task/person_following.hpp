/// The two ends of the steps in which persons are followed from the frame before: tracking mode.
#pragma once

#include <memory>

#include "task/step.hpp"

namespace retinue {

/// Before the points of bodies are looked for: the persons that the follower expects.
std::unique_ptr<Step> create_person_expectation();

/// Behind it: the follower takes what was found.
std::unique_ptr<Step> create_person_memory();

}  // namespace retinue
