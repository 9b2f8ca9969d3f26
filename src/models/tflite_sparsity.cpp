#include "models/tflite_sparsity.hpp"

#include <cstdint>
#include <optional>
#include <type_traits>
#include <utility>
#include <vector>

namespace retinue {
namespace {

using Extents = std::vector<std::int64_t>;

/// One level of a sparse tensor's storage.
struct SparseLevel {
  bool compressed = false;
  std::int64_t size = 0;    ///< Of a dense level.
  std::int64_t extent = 0;  ///< Positions along its axis.
  std::int64_t stride = 0;  ///< Elements of the dense tensor from one position to the next.
  std::vector<std::int64_t> segments;
  std::vector<std::int64_t> indices;
};

/// A vector of SparseIndexVector, whose element type its own field tells.
std::vector<std::int64_t> sparse_numbers(const FlatTable& level, int type_field) {
  const FlatTable vector = level.table(type_field + 1);
  const auto widened = [](const auto& values) {
    return std::vector<std::int64_t>(values.begin(), values.end());
  };
  switch (level.scalar<std::uint8_t>(type_field, 0)) {
    case 1:
      return widened(vector.vector<std::int32_t>(0));
    case 2:
      return widened(vector.vector<std::uint16_t>(0));
    case 3:
      return widened(vector.vector<std::uint8_t>(0));
    default:
      return {};
  }
}

/// The levels of a sparse tensor, outermost first; nullopt: they contradict the shape.
///
/// The axes of the tensor, divided into blocks, come first; then the axes inside of a block
/// (schema.fbs, SparsityParameters).
std::optional<std::vector<SparseLevel>> read_levels(const TfliteTensor& tensor) {
  const std::size_t rank = tensor.shape.size();
  const auto order = tensor.sparsity.vector<std::int32_t>(0);
  const auto block_map = tensor.sparsity.vector<std::int32_t>(1);
  const std::vector<FlatTable> tables = tensor.sparsity.tables(2);
  const std::size_t count = rank + block_map.size();
  if (block_map.size() > rank || order.size() != count || tables.size() != count) {
    return std::nullopt;
  }
  std::vector<bool> seen(count, false);
  Extents blocks(rank, 1);
  for (std::size_t level = 0; level < count; ++level) {
    const std::int32_t axis = order[level];
    if (axis < 0 || static_cast<std::size_t>(axis) >= count ||
        seen[static_cast<std::size_t>(axis)]) {
      return std::nullopt;
    }
    seen[static_cast<std::size_t>(axis)] = true;
    if (static_cast<std::size_t>(axis) < rank) continue;
    const std::int32_t blocked = block_map[static_cast<std::size_t>(axis) - rank];
    const std::int64_t size = tables[level].scalar<std::int32_t>(1, 0);
    if (blocked < 0 || static_cast<std::size_t>(blocked) >= rank || size < 1 ||
        tensor.shape[static_cast<std::size_t>(blocked)] % size != 0 ||
        blocks[static_cast<std::size_t>(blocked)] != 1) {
      return std::nullopt;
    }
    blocks[static_cast<std::size_t>(blocked)] = size;
  }
  Extents strides(rank, 1);
  for (std::size_t axis = rank; axis-- > 1;)
    strides[axis - 1] = strides[axis] * tensor.shape[axis];
  std::vector<SparseLevel> levels;
  for (std::size_t i = 0; i < count; ++i) {
    const auto axis = static_cast<std::size_t>(order[i]);
    const bool inner = axis >= rank;
    const auto of = inner ? static_cast<std::size_t>(block_map[axis - rank]) : axis;
    SparseLevel level;
    level.extent = inner ? blocks[of] : tensor.shape[of] / blocks[of];
    level.stride = inner ? strides[of] : strides[of] * blocks[of];
    level.compressed = tables[i].scalar<std::int8_t>(0, 0) == 1;
    if (level.compressed) {
      level.segments = sparse_numbers(tables[i], 2);
      level.indices = sparse_numbers(tables[i], 4);
    } else {
      level.size = tables[i].scalar<std::int32_t>(1, 0);
      if (level.size != level.extent) return std::nullopt;
    }
    levels.push_back(std::move(level));
  }
  return levels;
}

/// Where in the dense tensor each stored element belongs; nullopt: the levels contradict
/// themselves.
std::optional<Extents> sparse_places(const std::vector<SparseLevel>& levels,
                                     std::int64_t max_count) {
  Extents places{0};
  for (const SparseLevel& level : levels) {
    Extents next;
    if (!level.compressed) {
      if (static_cast<std::int64_t>(places.size()) * level.size > max_count) return std::nullopt;
      for (const std::int64_t place : places) {
        for (std::int64_t i = 0; i < level.size; ++i)
          next.push_back(place + i * level.stride);
      }
    } else {
      if (level.segments.size() != places.size() + 1 || level.segments.front() != 0) {
        return std::nullopt;
      }
      for (std::size_t i = 0; i < places.size(); ++i) {
        const std::int64_t first = level.segments[i];
        const std::int64_t end = level.segments[i + 1];
        if (end < first || end > static_cast<std::int64_t>(level.indices.size())) {
          return std::nullopt;
        }
        for (std::int64_t k = first; k < end; ++k) {
          const std::int64_t index = level.indices[static_cast<std::size_t>(k)];
          if (index < 0 || index >= level.extent) return std::nullopt;
          next.push_back(places[i] + index * level.stride);
        }
      }
    }
    places = std::move(next);
  }
  return places;
}

}  // namespace

bool densify(const TfliteTensor& tensor, std::size_t count, ConstantTensor& stored) {
  const std::optional<std::vector<SparseLevel>> levels = read_levels(tensor);
  if (!levels) return false;
  const std::optional<Extents> places = sparse_places(*levels, static_cast<std::int64_t>(count));
  if (!places || places->size() != stored.size()) return false;
  const auto spread = [&](auto& elements) {
    if (elements.empty()) return;
    std::remove_reference_t<decltype(elements)> dense(count);
    for (std::size_t i = 0; i < places->size(); ++i)
      dense[static_cast<std::size_t>((*places)[i])] = elements[i];
    elements = std::move(dense);
  };
  spread(stored.reals);
  spread(stored.integers);
  if (places->empty()) {
    stored.reals.resize(stored.kind == ConstantTensor::Kind::real ? count : 0);
    stored.integers.resize(stored.kind == ConstantTensor::Kind::real ? 0 : count);
  }
  return true;
}

}  // namespace retinue
