/// Small TensorFlow Lite files and task bundles, written in a test.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace retinue {

/// A FlatBuffers table: fields by their number in the schema.
class TinyTable {
 public:
  template <typename T>
  requires std::is_arithmetic_v<T> TinyTable& scalar(int field, T value) {
    std::string bytes(sizeof(T), '\0');
    std::memcpy(bytes.data(), &value, sizeof(T));
    fields_[field].inlined = std::move(bytes);
    return *this;
  }

  template <typename T>
  TinyTable& vector(int field, const std::vector<T>& values) {
    std::string bytes(values.size() * sizeof(T), '\0');
    if (!bytes.empty()) std::memcpy(bytes.data(), values.data(), bytes.size());
    return raw_vector(field, static_cast<std::uint32_t>(values.size()), std::move(bytes));
  }

  TinyTable& text(int field, const std::string& value) {
    return raw_vector(field, static_cast<std::uint32_t>(value.size()), value);
  }

  TinyTable& table(int field, TinyTable value);
  TinyTable& tables(int field, std::vector<TinyTable> values);

  /// Appends the table to a file; returns where it stands.
  std::size_t write(std::string& file) const;

 private:
  struct Field {
    std::string inlined;
    std::string vector;  ///< With its length in front.
    std::vector<TinyTable> tables;
    bool is_table = false;
    bool is_list = false;
  };

  TinyTable& raw_vector(int field, std::uint32_t count, std::string bytes);

  std::map<int, Field> fields_;
};

/// Numbers of the schema's element types.
enum class TinyType : std::int8_t { float32 = 0, float16 = 1, int32 = 2, uint8 = 3, int8 = 9 };

/// Builds a model tensor by tensor and operator by operator.
class TinyTflite {
 public:
  /// A tensor that is made when the model runs; returns its number.
  std::int32_t value(const std::string& name, const std::vector<std::int32_t>& shape,
                     TinyType type = TinyType::float32);

  template <typename T>
  std::int32_t constant(const std::string& name, const std::vector<std::int32_t>& shape,
                        TinyType type, const std::vector<T>& elements) {
    const std::int32_t number = value(name, shape, type);
    tensors_.back().scalar(2, static_cast<std::uint32_t>(buffers_.size()));
    std::vector<std::uint8_t> bytes(elements.size() * sizeof(T));
    if (!bytes.empty()) std::memcpy(bytes.data(), elements.data(), bytes.size());
    buffers_.push_back(TinyTable().vector(0, bytes));
    return number;
  }

  /// The table of the last tensor or operator, for what is rare.
  TinyTable& last_tensor() { return tensors_.back(); }
  TinyTable& last_operator() { return operators_.back(); }

  /// `code` is the schema's BuiltinOperator.
  TinyTflite& op(std::int32_t code, const std::vector<std::int32_t>& inputs,
                 const std::vector<std::int32_t>& outputs, TinyTable options = {},
                 std::int32_t version = 1);

  std::vector<std::byte> bytes(const std::vector<std::int32_t>& inputs,
                               const std::vector<std::int32_t>& outputs) const;

 private:
  std::vector<TinyTable> tensors_;
  std::vector<TinyTable> operators_;
  std::vector<TinyTable> codes_;
  std::vector<TinyTable> buffers_{TinyTable()};
};

struct TinyMember {
  std::string name;
  std::vector<std::byte> content;
  bool deflated = false;
};

/// A zip archive behind `in_front` zero bytes, its offsets counted from behind them.
std::vector<std::byte> tiny_zip(const std::vector<TinyMember>& members, std::size_t in_front = 0);

}  // namespace retinue
