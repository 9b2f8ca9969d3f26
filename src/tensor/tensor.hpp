/// Model inputs and outputs: a shape, an element type and bytes on a device.
#pragma once

#include <array>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace retinue {

enum class ElementType : std::uint8_t { float32, float16, uint8, int8, int32, int64 };

std::size_t size_bytes(ElementType type);
std::string_view name_of(ElementType type);

/// Extents, outermost first: an image batch is [N, C, H, W] or [N, H, W, C]. At most 6 axes.
class Shape {
 public:
  static constexpr std::size_t kMaxRank = 6;

  Shape() = default;
  Shape(std::initializer_list<std::int64_t> extents);
  explicit Shape(std::span<const std::int64_t> extents);

  std::size_t rank() const { return rank_; }
  std::int64_t operator[](std::size_t axis) const {
    assert(axis < rank_);
    return extents_[axis];
  }
  std::int64_t& operator[](std::size_t axis) {
    assert(axis < rank_);
    return extents_[axis];
  }
  std::span<const std::int64_t> extents() const { return {extents_.data(), rank_}; }
  /// Product of the extents; 1 for rank 0. Meaningless while an axis is open (-1).
  std::int64_t element_count() const;
  bool has_open_axis() const;

  friend bool operator==(const Shape&, const Shape&) = default;

 private:
  std::array<std::int64_t, kMaxRank> extents_{};
  std::size_t rank_ = 0;
};

/// "[1,3,256,256]"; an open axis is "?".
std::string to_string(const Shape& shape);

/// Where tensor memory lives.
struct Device {
  enum class Kind : std::uint8_t { cpu, cuda };
  Kind kind = Kind::cpu;
  int index = 0;

  friend bool operator==(const Device&, const Device&) = default;
};

/// A borrow of tensor memory, contiguous, row-major. The bytes belong to somebody else and must
/// outlive it.
struct TensorView {
  void* data = nullptr;
  ElementType type = ElementType::float32;
  Shape shape;
  Device device;

  std::size_t size_bytes() const {
    return static_cast<std::size_t>(shape.element_count()) * retinue::size_bytes(type);
  }

  /// All elements. Only for float32 in CPU memory: asserted.
  std::span<float> floats() const {
    assert(type == ElementType::float32 && device.kind == Device::Kind::cpu);
    return {static_cast<float*>(data), static_cast<std::size_t>(shape.element_count())};
  }

  /// Entries `first` to `first + count` of the outermost axis.
  TensorView slice(std::int64_t first, std::int64_t count) const;
};

/// What tensors take.
struct TensorStatistics {
  std::int64_t tensors = 0;  ///< Those with memory.
  std::int64_t bytes = 0;
  std::int64_t allocations = 0;  ///< How often they got new memory, since they grew.

  TensorStatistics& operator+=(const TensorStatistics& other) {
    tensors += other.tensors;
    bytes += other.bytes;
    allocations += other.allocations;
    return *this;
  }
};

/// Owns contiguous CPU memory aligned to 64 bytes. Grows, never shrinks: after the largest shape
/// was seen, `resize` allocates nothing. Move-only.
class Tensor {
 public:
  Tensor() = default;
  Tensor(ElementType type, const Shape& shape) { resize(type, shape); }

  /// Contents are unspecified afterwards. Every extent must be positive.
  void resize(ElementType type, const Shape& shape);

  TensorView view() const { return {data_.get(), type_, shape_, {}}; }
  const Shape& shape() const { return shape_; }
  std::span<float> floats() const { return view().floats(); }
  TensorStatistics statistics() const {
    return {.tensors = data_ ? 1 : 0,
            .bytes = static_cast<std::int64_t>(capacity_bytes_),
            .allocations = allocations_};
  }

 private:
  struct Free {
    void operator()(std::byte* data) const;
  };
  std::unique_ptr<std::byte[], Free> data_;  // NOLINT(modernize-avoid-c-arrays): it owns an array.
  std::size_t capacity_bytes_ = 0;
  std::int64_t allocations_ = 0;
  ElementType type_ = ElementType::float32;
  Shape shape_{0};
};

}  // namespace retinue
