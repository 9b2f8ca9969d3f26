/// This program's version.
#pragma once

namespace retinue {

/// Set by CMake from the project's version.
inline constexpr const char* kVersion = RETINUE_VERSION;

}  // namespace retinue
