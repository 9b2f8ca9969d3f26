#include "models/flat_buffer.hpp"

#include <bit>

namespace retinue {

static_assert(std::endian::native == std::endian::little, "FlatBuffers are little-endian");

FlatTable FlatBuffer::root() const {
  return {*this, read<std::uint32_t>(0)};
}

std::span<const std::byte> FlatBuffer::elements(std::uint64_t position, std::uint64_t count,
                                                std::uint64_t size) const {
  if (position > bytes_.size() || count > (bytes_.size() - position) / size) {
    damaged_ = true;
    return {};
  }
  return bytes_.subspan(position, count * size);
}

bool FlatBuffer::may_copy(std::size_t bytes) const {
  constexpr std::uint64_t kMaxCopies = 8;
  constexpr std::uint64_t kBytesOfAnyFile = std::uint64_t{1} << 20;
  copied_bytes_ += bytes;
  if (copied_bytes_ <= bytes_.size() * kMaxCopies + kBytesOfAnyFile) return true;
  damaged_ = true;
  return false;
}

std::uint64_t FlatTable::position_of(int field) const {
  if (buffer_ == nullptr) return 0;
  // The table starts with the signed distance back to its list of fields.
  const std::int64_t fields =
      static_cast<std::int64_t>(position_) - buffer_->read<std::int32_t>(position_);
  if (fields < 0) {
    buffer_->damaged_ = true;
    return 0;
  }
  const auto list = static_cast<std::uint64_t>(fields);
  const std::uint64_t place = 4 + 2 * static_cast<std::uint64_t>(field);
  if (place + 2 > buffer_->read<std::uint16_t>(list)) return 0;
  const auto offset = buffer_->read<std::uint16_t>(list + place);
  return offset == 0 ? 0 : position_ + offset;
}

std::uint64_t FlatTable::target_of(int field) const {
  const std::uint64_t position = position_of(field);
  return position == 0 ? 0 : position + buffer_->read<std::uint32_t>(position);
}

FlatTable FlatTable::table(int field) const {
  const std::uint64_t target = target_of(field);
  return target == 0 ? FlatTable() : FlatTable(*buffer_, target);
}

std::span<const std::byte> FlatTable::elements(int field, std::uint64_t size) const {
  const std::uint64_t target = target_of(field);
  if (target == 0) return {};
  return buffer_->elements(target + 4, buffer_->read<std::uint32_t>(target), size);
}

std::vector<FlatTable> FlatTable::tables(int field) const {
  const std::uint64_t target = target_of(field);
  std::vector<FlatTable> tables;
  const std::span<const std::byte> offsets = elements(field, 4);
  if (offsets.empty() || !buffer_->may_copy(offsets.size())) return tables;
  const std::size_t count = offsets.size() / 4;
  for (std::size_t i = 0; i < count; ++i) {
    const std::uint64_t entry = target + 4 + 4 * i;
    tables.push_back(FlatTable(*buffer_, entry + buffer_->read<std::uint32_t>(entry)));
  }
  return tables;
}

std::string FlatTable::text(int field) const {
  const std::span<const std::byte> raw = elements(field, 1);
  if (raw.empty() || !buffer_->may_copy(raw.size())) return {};
  return {reinterpret_cast<const char*>(raw.data()), raw.size()};
}

}  // namespace retinue
