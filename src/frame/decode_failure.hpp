/// A part of a stream that is lost.
#pragma once

#include <string>

#include "base/clock.hpp"

namespace retinue {

/// A packet that could not be read or decoded; the stream goes on after it unless its source ends.
struct DecodeFailure {
  MediaTime time;
  std::string message;
};

}  // namespace retinue
