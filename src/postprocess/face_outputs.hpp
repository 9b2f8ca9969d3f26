/// What detectors of faces have in common.
#pragma once

#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "perception/face.hpp"

namespace retinue {

/// Errors  corrupt_input: a face has numbers that are not finite.
Result<void> check_finite(const std::vector<FaceIn<TensorPx>>& faces, std::string_view model);

}  // namespace retinue
