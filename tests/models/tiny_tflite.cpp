#include "models/tiny_tflite.hpp"

#include <zlib.h>

#include <stdexcept>

namespace retinue {
namespace {

template <typename T>
void append(std::string& file, T value) {
  std::string bytes(sizeof(T), '\0');
  std::memcpy(bytes.data(), &value, sizeof(T));
  file += bytes;
}

template <typename T>
void patch(std::string& file, std::size_t position, T value) {
  std::memcpy(file.data() + position, &value, sizeof(T));
}

/// Makes the offset at `position` point at the end of the file.
void point_at_end(std::string& file, std::size_t position) {
  patch(file, position, static_cast<std::uint32_t>(file.size() - position));
}

std::vector<std::byte> bytes_of(const std::string& text) {
  const auto* first = reinterpret_cast<const std::byte*>(text.data());
  return {first, first + text.size()};
}

std::string packed(const std::string& content) {
  z_stream stream{};
  if (deflateInit2(&stream, 9, Z_DEFLATED, -MAX_WBITS, 8, Z_DEFAULT_STRATEGY) != Z_OK) {
    throw std::runtime_error("zlib");
  }
  std::string out(content.size() + 64, '\0');
  std::string in = content;
  stream.next_in = reinterpret_cast<Bytef*>(in.data());
  stream.avail_in = static_cast<uInt>(in.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

}  // namespace

TinyTable& TinyTable::raw_vector(int field, std::uint32_t count, std::string bytes) {
  std::string whole;
  append(whole, count);
  fields_[field].vector = whole + bytes;
  return *this;
}

TinyTable& TinyTable::table(int field, TinyTable value) {
  fields_[field].tables = {std::move(value)};
  fields_[field].is_table = true;
  return *this;
}

TinyTable& TinyTable::tables(int field, std::vector<TinyTable> values) {
  fields_[field].tables = std::move(values);
  fields_[field].is_list = true;
  return *this;
}

std::size_t TinyTable::write(std::string& file) const {
  const int count = fields_.empty() ? 0 : fields_.rbegin()->first + 1;
  const std::size_t list = file.size();
  append(file, static_cast<std::uint16_t>(4 + 2 * count));
  append(file, std::uint16_t{0});
  for (int i = 0; i < count; ++i)
    append(file, std::uint16_t{0});
  const std::size_t table = file.size();
  append(file, static_cast<std::int32_t>(table - list));
  std::map<int, std::size_t> places;
  for (const auto& [number, field] : fields_) {
    places[number] = file.size();
    patch(file, list + 4 + 2 * static_cast<std::size_t>(number),
          static_cast<std::uint16_t>(file.size() - table));
    file += field.inlined.empty() ? std::string(4, '\0') : field.inlined;
  }
  for (const auto& [number, field] : fields_) {
    const std::size_t place = places.at(number);
    if (!field.vector.empty()) {
      point_at_end(file, place);
      file += field.vector;
    } else if (field.is_list) {
      point_at_end(file, place);
      append(file, static_cast<std::uint32_t>(field.tables.size()));
      const std::size_t entries = file.size();
      file += std::string(4 * field.tables.size(), '\0');
      for (std::size_t i = 0; i < field.tables.size(); ++i) {
        const std::size_t entry = entries + 4 * i;
        patch(file, entry, static_cast<std::uint32_t>(field.tables[i].write(file) - entry));
      }
    } else if (field.is_table) {
      patch(file, place, static_cast<std::uint32_t>(field.tables[0].write(file) - place));
    }
  }
  return table;
}

std::int32_t TinyTflite::value(const std::string& name, const std::vector<std::int32_t>& shape,
                               TinyType type) {
  TinyTable tensor;
  tensor.vector(0, shape).scalar(1, static_cast<std::int8_t>(type)).text(3, name);
  tensors_.push_back(std::move(tensor));
  return static_cast<std::int32_t>(tensors_.size()) - 1;
}

TinyTflite& TinyTflite::op(std::int32_t code, const std::vector<std::int32_t>& inputs,
                           const std::vector<std::int32_t>& outputs, TinyTable options,
                           std::int32_t version) {
  TinyTable entry;
  entry.scalar(0, static_cast<std::uint32_t>(codes_.size())).vector(1, inputs).vector(2, outputs);
  entry.table(4, std::move(options));
  operators_.push_back(std::move(entry));
  const auto old_code = static_cast<std::int8_t>(code > 127 ? 127 : code);
  codes_.push_back(TinyTable().scalar(0, old_code).scalar(2, version).scalar(3, code));
  return *this;
}

std::vector<std::byte> TinyTflite::bytes(const std::vector<std::int32_t>& inputs,
                                         const std::vector<std::int32_t>& outputs) const {
  TinyTable graph;
  graph.tables(0, tensors_).vector(1, inputs).vector(2, outputs).tables(3, operators_);
  TinyTable model;
  model.scalar(0, std::uint32_t{3}).tables(1, codes_).tables(2, {graph}).tables(4, buffers_);
  std::string file(4, '\0');
  file += "TFL3";
  const std::size_t root = model.write(file);
  patch(file, 0, static_cast<std::uint32_t>(root));
  return bytes_of(file);
}

std::vector<std::byte> tiny_zip(const std::vector<TinyMember>& members, std::size_t in_front) {
  std::string file;
  std::string directory;
  for (const TinyMember& member : members) {
    const std::string content(reinterpret_cast<const char*>(member.content.data()),
                              member.content.size());
    const std::string data = member.deflated ? packed(content) : content;
    std::string common;  // what both headers have
    append(common, std::uint16_t{20});
    append(common, std::uint16_t{0});
    append(common, static_cast<std::uint16_t>(member.deflated ? 8 : 0));
    append(common, std::uint32_t{0});
    append(common, static_cast<std::uint32_t>(
                       crc32_z(0, reinterpret_cast<const Bytef*>(content.data()), content.size())));
    append(common, static_cast<std::uint32_t>(data.size()));
    append(common, static_cast<std::uint32_t>(content.size()));
    append(common, static_cast<std::uint16_t>(member.name.size()));
    append(common, std::uint16_t{0});
    const auto header = static_cast<std::uint32_t>(file.size());
    append(file, std::uint32_t{0x04034b50});
    file += common + member.name + data;
    append(directory, std::uint32_t{0x02014b50});
    append(directory, std::uint16_t{20});
    directory += common + std::string(10, '\0');
    append(directory, header);
    directory += member.name;
  }
  const auto offset = static_cast<std::uint32_t>(file.size());
  const auto count = static_cast<std::uint16_t>(members.size());
  file += directory;
  append(file, std::uint32_t{0x06054b50});
  append(file, std::uint32_t{0});
  append(file, count);
  append(file, count);
  append(file, static_cast<std::uint32_t>(directory.size()));
  append(file, offset);
  append(file, std::uint16_t{0});
  return bytes_of(std::string(in_front, '\0') + file);
}

}  // namespace retinue
