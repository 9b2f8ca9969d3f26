/// Writing JSON by appending to a string: what records, statistics and log lines share.
#pragma once

#include <string>
#include <string_view>

namespace retinue {

/// Appends `text` quoted and escaped. Bytes that are not UTF-8 become U+FFFD, so that any file name
/// gives valid JSON.
void append_json_string(std::string& out, std::string_view text);

/// Appends `value` with exactly `decimals` digits after the point, rounded half away from zero,
/// never in exponent form and never "-0". Independent of the locale.
///
/// `value` must be finite; anything else is written as 0, and an assertion fails in debug builds.
void append_fixed(std::string& out, double value, int decimals);

}  // namespace retinue
