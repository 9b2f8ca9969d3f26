/// Reading matrices of MATLAB's files. Private to this module.
#pragma once

#include <cstddef>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "base/result.hpp"

namespace retinue {

/// Two-dimensional and real.
struct MatMatrix {
  std::size_t rows = 0;
  std::size_t columns = 0;
  std::vector<double> values;  ///< Column by column.
};

/// True if the bytes start as a level 5 file does.
bool is_mat_file(std::span<const std::byte> bytes);

/// The matrices of a level 5 MAT-file by their names; what else it holds is left out.
/// MathWorks, "MAT-File Format", chapter 1.
///
/// Errors  corrupt_input: damaged or cut short. unsupported: big-endian. Messages say what was
///         found, not in which file.
Result<std::map<std::string, MatMatrix>> read_mat_file(std::span<const std::byte> bytes);

}  // namespace retinue
