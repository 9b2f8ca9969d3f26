/// Text whose bytes may come from anywhere: file names are not always UTF-8.
#pragma once

#include <cstddef>
#include <string_view>

namespace retinue {

/// Length of the well-formed UTF-8 sequence at the start of `text`, or 0 (RFC 3629, table in
/// section 4).
std::size_t utf8_length(std::string_view text);

}  // namespace retinue
