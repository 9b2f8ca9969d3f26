/// Reading FlatBuffers that a stranger made. Private to this module.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <type_traits>
#include <vector>

namespace retinue {

class FlatTable;

/// Borrows a file's bytes. Every access is checked: what would lie outside the file reads as
/// absent, and is remembered. So is a file whose tables share their vectors so much that copies of
/// them would be many times as large as the file. Thread-bound.
///
/// Format: https://flatbuffers.dev/internals, little-endian. Only tables, vectors and strings.
class FlatBuffer {
 public:
  explicit FlatBuffer(std::span<const std::byte> bytes) : bytes_(bytes) {}

  /// The table that the file starts with.
  FlatTable root() const;

  /// True once something pointed outside the file, or was copied too often.
  bool is_damaged() const { return damaged_; }

  std::size_t size() const { return bytes_.size(); }

 private:
  friend class FlatTable;

  /// 0, and damaged: it does not lie in the file.
  template <typename T>
  T read(std::uint64_t position) const {
    T value{};
    if (position > bytes_.size() || bytes_.size() - position < sizeof(T)) {
      damaged_ = true;
    } else {
      std::memcpy(&value, bytes_.data() + position, sizeof(T));
    }
    return value;
  }

  /// `count` elements of `size` bytes; empty, and damaged: they do not all lie in the file.
  std::span<const std::byte> elements(std::uint64_t position, std::uint64_t count,
                                      std::uint64_t size) const;

  /// False, and damaged: all copies together would be too large.
  bool may_copy(std::size_t bytes) const;

  std::span<const std::byte> bytes_;
  mutable std::uint64_t copied_bytes_ = 0;
  mutable bool damaged_ = false;
};

/// A table in a FlatBuffer, which must outlive it. Fields are counted from 0 in the schema's order;
/// a field that is not there reads as its default, or as empty.
class FlatTable {
 public:
  /// A table without fields.
  FlatTable() = default;

  bool exists() const { return buffer_ != nullptr; }

  bool has(int field) const { return position_of(field) != 0; }

  template <typename T>
  requires std::is_arithmetic_v<T> T scalar(int field, std::type_identity_t<T> otherwise)
  const {
    const std::uint64_t position = position_of(field);
    return position == 0 ? otherwise : buffer_->read<T>(position);
  }

  FlatTable table(int field) const;
  std::vector<FlatTable> tables(int field) const;
  std::string text(int field) const;

  /// The bytes of a vector, in the file.
  std::span<const std::byte> bytes(int field) const { return elements(field, 1); }

  template <typename T>
  requires std::is_arithmetic_v<T> std::vector<T> vector(int field)
  const {
    std::span<const std::byte> raw = elements(field, sizeof(T));
    if (!raw.empty() && !buffer_->may_copy(raw.size())) raw = {};
    std::vector<T> values(raw.size() / sizeof(T));
    if (!values.empty()) std::memcpy(values.data(), raw.data(), raw.size());
    return values;
  }

 private:
  friend class FlatBuffer;
  FlatTable(const FlatBuffer& buffer, std::uint64_t position)
      : buffer_(&buffer), position_(position) {}

  /// 0: the field is not there.
  std::uint64_t position_of(int field) const;

  /// What the field's offset points at; 0: the field is not there.
  std::uint64_t target_of(int field) const;

  /// The elements of a vector, each of `size` bytes.
  std::span<const std::byte> elements(int field, std::uint64_t size) const;

  const FlatBuffer* buffer_ = nullptr;
  std::uint64_t position_ = 0;
};

}  // namespace retinue
