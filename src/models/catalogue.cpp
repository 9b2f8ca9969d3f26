#include "models/catalogue.hpp"

#include <algorithm>
#include <filesystem>
#include <optional>
#include <utility>

#include <toml++/toml.h>

#include "models/builtin_catalogue.hpp"
#include "models/table_reader.hpp"

namespace retinue {
namespace {

Result<std::array<float, 3>> read_triple(TableReader& reader, std::string_view key) {
  const toml::node* node = TRY(reader.required_node(key));
  const toml::array* array = node->as_array();
  std::array<float, 3> triple{};
  bool valid = array != nullptr && array->size() == triple.size();
  for (std::size_t i = 0; valid && i < triple.size(); ++i) {
    const std::optional<double> number = array->get(i)->value<double>();
    valid = number.has_value();
    if (valid) triple.at(i) = static_cast<float>(*number);
  }
  if (!valid) return reader.fail_at(*node, "'" + std::string(key) + "' is not three numbers");
  return triple;
}

Result<ImageInput> read_image(const toml::node& node, TableReader& parent) {
  const toml::table* table = node.as_table();
  if (table == nullptr) return parent.fail_at(node, "'image' is not a table");
  TableReader reader(*table, parent.origin());
  ImageInput image;
  const std::string order = TRY(reader.required<std::string>("order"));
  if (order != "rgb" && order != "bgr") {
    return reader.fail_at("order", "order '" + order + "' is not rgb or bgr");
  }
  image.order = order == "rgb" ? ModelChannelOrder::rgb : ModelChannelOrder::bgr;
  image.mean = TRY(read_triple(reader, "mean"));
  image.scale = TRY(read_triple(reader, "scale"));
  TRY(reader.refuse_other_keys());
  return image;
}

Result<ModelTensor> read_tensor(const toml::node& node, TableReader& parent) {
  const toml::table* table = node.as_table();
  if (table == nullptr) return parent.fail_at(node, "a tensor is not a table");
  TableReader reader(*table, parent.origin());
  ModelTensor tensor;
  tensor.name = TRY(reader.required<std::string>("name"));
  const std::string element = TRY(reader.required<std::string>("element"));
  tensor.element = TRY(reader.at("element", parse_model_element_type(element)));
  const toml::node* shape = TRY(reader.required_node("shape"));
  if (shape->as_array() == nullptr) return reader.fail_at(*shape, "'shape' is not an array");
  for (const toml::node& extent : *shape->as_array()) {
    const std::optional<std::int64_t> size = extent.value_exact<std::int64_t>();
    if (!size || (*size < 1 && *size != -1)) {
      return reader.fail_at(extent, "an extent is not a positive number, nor -1 for an open axis");
    }
    ModelAxis axis;
    if (*size > 0) axis.size = *size;
    tensor.axes.push_back(std::move(axis));
  }
  TRY(reader.refuse_other_keys());
  return tensor;
}

Result<std::vector<ModelTensor>> read_tensors(TableReader& reader, std::string_view key) {
  const toml::node* node = TRY(reader.required_node(key));
  const toml::array* array = node->as_array();
  if (array == nullptr || array->empty()) {
    return reader.fail_at(*node, "'" + std::string(key) + "' is not a list of tensors");
  }
  std::vector<ModelTensor> tensors;
  for (const toml::node& element : *array) {
    ModelTensor tensor = TRY(read_tensor(element, reader));
    tensors.push_back(std::move(tensor));
  }
  return tensors;
}

Result<ModelLicence> read_licence(TableReader& parent) {
  const toml::node* node = TRY(parent.required_node("licence"));
  const toml::table* table = node->as_table();
  if (table == nullptr) return parent.fail_at(*node, "'licence' is not a table");
  TableReader reader(*table, parent.origin());
  ModelLicence licence;
  licence.spdx = TRY(reader.required<std::string>("spdx"));
  licence.note = TRY(reader.required<std::string>("note"));
  licence.non_commercial = TRY(reader.required<bool>("non_commercial"));
  TRY(reader.refuse_other_keys());
  return licence;
}

/// A mirror path is joined to a user's folder, so it must stay below it.
bool is_safe_relative_path(const std::string& path) {
  const std::filesystem::path parsed(path);
  return !path.empty() && parsed.is_relative() && parsed.has_filename() &&
         std::ranges::none_of(parsed, [](const auto& part) { return part == ".."; });
}

Result<std::string> read_mirror_path(TableReader& reader) {
  std::string path = TRY(reader.required<std::string>("mirror"));
  if (is_safe_relative_path(path)) return path;
  return reader.fail_at("mirror", "mirror '" + path + "' is not a path below a folder");
}

/// What tells a file from another: of a ModelEntry or a CatalogueFile.
template <typename File>
Result<void> read_file_identity(TableReader& reader, File& file) {
  const std::string sha256 = TRY(reader.required<std::string>("sha256"));
  file.sha256 = TRY(reader.at("sha256", Sha256::parse(sha256)));
  const std::int64_t size = TRY(reader.required<std::int64_t>("size"));
  if (size <= 0) return reader.fail_at("size", "size is not a positive number");
  file.size_bytes = static_cast<std::uint64_t>(size);
  return {};
}

/// And where it is; without an address only mirrors have it.
template <typename File>
Result<void> read_file_origin(TableReader& reader, File& file) {
  if (reader.optional_node("address") != nullptr) {
    file.address = TRY(reader.required<std::string>("address"));
  }
  file.mirror_path = TRY(read_mirror_path(reader));
  return read_file_identity(reader, file);
}

/// The model's file, its companion, and which model of a bundle it is.
Result<void> read_origin(TableReader& reader, ModelEntry& entry) {
  TRY(read_file_origin(reader, entry));
  if (const toml::node* node = reader.optional_node("companion"); node != nullptr) {
    if (node->as_table() == nullptr) return reader.fail_at(*node, "'companion' is not a table");
    TableReader companion(*node->as_table(), reader.origin());
    TRY(read_file_origin(companion, entry.companion.emplace()));
    TRY(companion.refuse_other_keys());
  }
  if (reader.optional_node("member") != nullptr) {
    entry.member = TRY(reader.required<std::string>("member"));
  }
  return {};
}

/// What goes in and comes out, and what is known about it.
Result<void> read_contract(TableReader& reader, ModelEntry& entry) {
  entry.accuracy = TRY(reader.required<std::string>("accuracy"));
  entry.source = TRY(reader.required<std::string>("source"));
  entry.notes = TRY(reader.required<std::string>("notes"));
  entry.inputs = TRY(read_tensors(reader, "input"));
  entry.outputs = TRY(read_tensors(reader, "output"));
  if (const toml::node* image = reader.optional_node("image"); image != nullptr) {
    entry.image = TRY(read_image(*image, reader));
  }
  return {};
}

Result<ModelEntry> read_entry(const toml::table& table, const std::string& origin) {
  TableReader reader(table, origin);
  ModelEntry entry;
  entry.name = TRY(reader.required<std::string>("name"));
  const std::string task = TRY(reader.required<std::string>("task"));
  entry.task = TRY(reader.at("task", parse_model_task(task)));
  const std::string family = TRY(reader.required<std::string>("family"));
  entry.family = TRY(reader.at("family", parse_model_family(family)));
  entry.is_default = TRY(reader.required<bool>("default"));
  entry.licence = TRY(read_licence(reader));
  TRY(read_origin(reader, entry));
  TRY(read_contract(reader, entry));
  TRY(reader.refuse_other_keys());
  return entry;
}

/// Files below one address, each with its path there.
Result<void> read_files(TableReader& reader, const toml::node& node,
                        std::vector<CatalogueFile>& files) {
  if (node.as_table() == nullptr) return reader.fail_at(node, "a set of files is not a table");
  TableReader set(*node.as_table(), reader.origin());
  const std::string address = TRY(set.required<std::string>("address"));
  const std::string mirror = TRY(read_mirror_path(set));
  const toml::node* list = TRY(set.required_node("file"));
  TRY(set.refuse_other_keys());
  if (list->as_array() == nullptr || list->as_array()->empty())
    return set.fail_at(*list, "'file' is not a list of files");
  for (const toml::node& element : *list->as_array()) {
    if (element.as_table() == nullptr) return set.fail_at(element, "a file is not a table");
    TableReader entry(*element.as_table(), reader.origin());
    const std::string path = TRY(entry.required<std::string>("path"));
    if (!is_safe_relative_path(path))
      return entry.fail_at("path", "path '" + path + "' is not a path below a folder");
    CatalogueFile file{
        .address = address + "/" + path, .mirror_path = mirror + "/" + path, .sha256 = {}};
    TRY(read_file_identity(entry, file));
    TRY(entry.refuse_other_keys());
    files.push_back(std::move(file));
  }
  return {};
}

Result<ModelCollection> read_collection(const toml::table& table, const std::string& origin) {
  TableReader reader(table, origin);
  ModelCollection collection;
  collection.name = TRY(reader.required<std::string>("name"));
  collection.task = TRY(reader.required<std::string>("task"));
  collection.licence = TRY(read_licence(reader));
  collection.source = TRY(reader.required<std::string>("source"));
  collection.notes = TRY(reader.required<std::string>("notes"));
  const toml::node* files = TRY(reader.required_node("files"));
  TRY(reader.refuse_other_keys());
  if (files->as_array() == nullptr || files->as_array()->empty())
    return reader.fail_at(*files, "'files' is not a list of sets of files");
  for (const toml::node& set : *files->as_array())
    TRY(read_files(reader, set, collection.files));
  return collection;
}

Result<toml::table> parse_toml(std::string_view text, std::string_view origin) {
  try {
    return toml::parse(text, origin);
  } catch (const toml::parse_error& error) {
    return fail(ErrorCode::invalid_argument, std::string(origin) + ":" +
                                                 std::to_string(error.source().begin.line) + ": " +
                                                 std::string(error.description()));
  }
}

}  // namespace

std::string ModelEntry::file_name() const {
  return std::filesystem::path(mirror_path).filename().string();
}

std::uint64_t ModelCollection::size_bytes() const {
  std::uint64_t bytes = 0;
  for (const CatalogueFile& file : files)
    bytes += file.size_bytes;
  return bytes;
}

const Catalogue& Catalogue::builtin() {
  // The text is part of the program, and a test parses it: a failure here cannot reach a user.
  static const Catalogue catalogue =
      parse(builtin_catalogue_toml(), "models/catalogue.toml").value();
  return catalogue;
}

Result<Catalogue> Catalogue::parse(std::string_view toml, std::string_view origin) {
  const toml::table document = TRY(parse_toml(toml, origin));
  TableReader reader(document, std::string(origin));
  const toml::node* models = TRY(reader.required_node("model"));
  const toml::node* collections = reader.optional_node("collection");
  TRY(reader.refuse_other_keys());
  if (models->as_array() == nullptr) return reader.fail_at(*models, "'model' is not [[model]]");

  Catalogue catalogue;
  for (const toml::node& node : *models->as_array()) {
    if (node.as_table() == nullptr) return reader.fail_at(node, "a model is not a table");
    ModelEntry entry = TRY(read_entry(*node.as_table(), reader.origin()));
    if (catalogue.find(entry.name) != nullptr) {
      return reader.fail_at(node, "the model '" + entry.name + "' is there twice");
    }
    if (entry.is_default && catalogue.default_for(entry.task)) {
      return reader.fail_at(
          node, "the task '" + std::string(name_of(entry.task)) + "' has a default model already");
    }
    catalogue.entries_.push_back(std::move(entry));
  }
  if (collections == nullptr) return catalogue;
  if (collections->as_array() == nullptr)
    return reader.fail_at(*collections, "'collection' is not [[collection]]");
  for (const toml::node& node : *collections->as_array()) {
    if (node.as_table() == nullptr) return reader.fail_at(node, "a collection is not a table");
    ModelCollection collection = TRY(read_collection(*node.as_table(), reader.origin()));
    if (catalogue.find(collection.name) != nullptr ||
        catalogue.find_collection(collection.name) != nullptr) {
      return reader.fail_at(node, "the name '" + collection.name + "' is there twice");
    }
    catalogue.collections_.push_back(std::move(collection));
  }
  return catalogue;
}

const ModelEntry* Catalogue::find(std::string_view name) const {
  const auto found = std::ranges::find(entries_, name, &ModelEntry::name);
  return found == entries_.end() ? nullptr : &*found;
}

const ModelEntry* Catalogue::find(const Sha256& sha256) const {
  const auto found = std::ranges::find(entries_, sha256, &ModelEntry::sha256);
  return found == entries_.end() ? nullptr : &*found;
}

const ModelEntry* Catalogue::find(const Sha256& sha256, ModelTask task) const {
  const auto found = std::ranges::find_if(entries_, [&](const ModelEntry& entry) {
    return entry.sha256 == sha256 && entry.task == task;
  });
  return found == entries_.end() ? nullptr : &*found;
}

const ModelCollection* Catalogue::find_collection(std::string_view name) const {
  const auto found = std::ranges::find(collections_, name, &ModelCollection::name);
  return found == collections_.end() ? nullptr : &*found;
}

Result<ModelEntry> Catalogue::default_for(ModelTask task) const {
  for (const ModelEntry& entry : entries_) {
    if (entry.is_default && entry.task == task) return entry;
  }
  return fail(ErrorCode::not_found, "the catalogue has no default model for the task '" +
                                        std::string(name_of(task)) + "'; name one with --model " +
                                        std::string(name_of(task)) + "=FILE");
}

}  // namespace retinue
