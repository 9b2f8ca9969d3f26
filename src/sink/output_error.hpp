/// What is said when an output cannot be written.
#pragma once

#include <string>

#include "base/result.hpp"

namespace retinue {

/// "writing 'out.jsonl': no space left on device", from the `errno` that was found.
///
/// The code is resource_exhausted for a full disk or quota, unavailable for a reader that went
/// away, not_found for a missing folder, else invalid_argument.
Error output_error(const std::string& output, int error_number,
                   SourceLocation where = SourceLocation::current());

/// "'out.jsonl'", or "stdout" for "-".
std::string quoted_output(const std::string& output);

}  // namespace retinue
