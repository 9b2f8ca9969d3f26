/// Writing CSV by appending to a string.
#pragma once

#include <string>
#include <string_view>

namespace retinue {

/// Appends `text` as one field, quoted when it has to be (RFC 4180, section 2.6 and 2.7).
void append_csv_field(std::string& out, std::string_view text);

}  // namespace retinue
