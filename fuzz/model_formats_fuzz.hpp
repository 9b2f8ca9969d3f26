// What every model that a reader of another format makes must be.
#pragma once

#include <cstdlib>

#include "models/import.hpp"
#include "models/model_signature.hpp"

namespace retinue {

/// Stops the fuzzer if the reader made a graph that the import does not take.
inline void check_onnx_form(const Result<std::vector<std::byte>>& form) {
  if (!form) return;
  const auto imported = import_model(*form);
  if (!imported || !read_signature(imported->graph)) std::abort();
}

}  // namespace retinue
