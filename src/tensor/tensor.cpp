#include "tensor/tensor.hpp"

#include <algorithm>
#include <new>
#include <string_view>

namespace retinue {

namespace {

constexpr std::align_val_t kAlignment{64};  // One cache line, one AVX-512 register.

}  // namespace

std::size_t size_bytes(ElementType type) {
  switch (type) {
    case ElementType::uint8:
    case ElementType::int8:
      return 1;
    case ElementType::float16:
      return 2;
    case ElementType::float32:
    case ElementType::int32:
      return 4;
    case ElementType::int64:
      return 8;
  }
  __builtin_unreachable();
}

std::string_view name_of(ElementType type) {
  switch (type) {
    case ElementType::float32:
      return "float32";
    case ElementType::float16:
      return "float16";
    case ElementType::uint8:
      return "uint8";
    case ElementType::int8:
      return "int8";
    case ElementType::int32:
      return "int32";
    case ElementType::int64:
      return "int64";
  }
  __builtin_unreachable();
}

Shape::Shape(std::initializer_list<std::int64_t> extents)
    : Shape(std::span<const std::int64_t>(extents.begin(), extents.size())) {}

Shape::Shape(std::span<const std::int64_t> extents) : rank_(extents.size()) {
  assert(extents.size() <= kMaxRank);
  std::copy(extents.begin(), extents.end(), extents_.begin());
}

std::int64_t Shape::element_count() const {
  std::int64_t count = 1;
  for (const std::int64_t extent : extents())
    count *= extent;
  return count;
}

bool Shape::has_open_axis() const {
  return std::any_of(extents().begin(), extents().end(),
                     [](std::int64_t extent) { return extent < 0; });
}

std::string to_string(const Shape& shape) {
  std::string text = "[";
  for (const std::int64_t extent : shape.extents()) {
    if (text.size() > 1) text += ',';
    text += extent < 0 ? "?" : std::to_string(extent);
  }
  return text + ']';
}

TensorView TensorView::slice(std::int64_t first, std::int64_t count) const {
  assert(shape.rank() > 0 && first >= 0 && first + count <= shape[0]);
  TensorView part = *this;
  part.shape[0] = 1;
  part.data = static_cast<std::byte*>(data) + static_cast<std::size_t>(first) * part.size_bytes();
  part.shape[0] = count;
  return part;
}

void Tensor::Free::operator()(std::byte* data) const {
  ::operator delete[](data, kAlignment);
}

void Tensor::resize(ElementType type, const Shape& shape) {
  assert(shape.element_count() > 0 && !shape.has_open_axis());
  type_ = type;
  shape_ = shape;
  const std::size_t needed_bytes = view().size_bytes();
  if (needed_bytes <= capacity_bytes_) return;
  data_.reset(static_cast<std::byte*>(::operator new[](needed_bytes, kAlignment)));
  capacity_bytes_ = needed_bytes;
  ++allocations_;
}

}  // namespace retinue
