#include "perception/embedding.hpp"

#include <algorithm>

namespace retinue {

Embedding::Embedding(std::span<const float> values) : length_(std::min(values.size(), kMaxLength)) {
  std::ranges::copy(values.first(length_), values_.begin());
}

}  // namespace retinue
