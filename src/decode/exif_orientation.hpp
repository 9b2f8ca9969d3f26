/// How a still picture says that it is to be turned.
#pragma once

#include <cstddef>
#include <optional>
#include <span>

#include "frame/orientation.hpp"

namespace retinue {

/// The EXIF orientation in a whole JPEG, PNG, WebP or TIFF file; empty if it has none that is
/// valid. FFmpeg 5.1 reads it for some of these only. Never reads outside of `file`.
///
/// Exif 2.32 (CIPA DC-008), tag 0x0112 in the first directory of a TIFF structure, which a JPEG has
/// in its APP1 segment, a PNG in its eXIf chunk, a WebP in its EXIF chunk.
std::optional<Orientation> exif_orientation(std::span<const std::byte> file);

}  // namespace retinue
