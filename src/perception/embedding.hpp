/// A face as a point: faces of one person lie near each other.
#pragma once

#include <array>
#include <cstddef>
#include <span>

namespace retinue {

/// A vector of unit length: the scalar product of two is the cosine of the angle between them, near
/// 1 for faces of one person and about 0 for others. Only vectors of one model can be compared.
/// Its memory is its own, so that faces come and go without an allocation.
class Embedding {
 public:
  static constexpr std::size_t kMaxLength = 512;

  Embedding() = default;
  /// The first kMaxLength of `values`, which must be of unit length.
  explicit Embedding(std::span<const float> values);

  std::span<const float> values() const { return std::span(values_).first(length_); }

 private:
  std::array<float, kMaxLength> values_{};
  std::size_t length_ = 0;
};

}  // namespace retinue
