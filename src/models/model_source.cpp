#include "models/model_source.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "base/file_bytes.hpp"
#include "models/openvino_import.hpp"
#include "models/tflite_import.hpp"
#include "models/tflite_model.hpp"
#include "models/zip_archive.hpp"

namespace retinue {
namespace {

struct TaskMember {
  std::string_view task;
  std::string_view member;
};

/// File names in face_landmarker.task and pose_landmarker.task (MediaPipe, Apache-2.0).
constexpr std::array kTaskMembers{
    TaskMember{"faces", "face_detector.tflite"},
    TaskMember{"landmarks", "face_landmarks_detector.tflite"},
    TaskMember{"blendshapes", "face_blendshapes.tflite"},
    TaskMember{"persons", "pose_detector.tflite"},
    TaskMember{"pose", "pose_landmarks_detector.tflite"},
};

ModelFormat format_of(std::span<const std::byte> bytes) {
  if (is_tflite(bytes)) return ModelFormat::tflite;
  if (is_zip(bytes)) return ModelFormat::bundle;
  if (is_xml(bytes)) return ModelFormat::openvino;
  return ModelFormat::onnx;
}

Result<std::vector<std::byte>> onnx_from_bundle(std::span<const std::byte> bytes,
                                                std::string_view member) {
  const std::vector<ZipMember> members = TRY(list_zip(bytes));
  const auto found = std::ranges::find(members, member, &ZipMember::name);
  if (found == members.end()) {
    std::string names;
    for (const ZipMember& there : members)
      names += (names.empty() ? "'" : ", '") + there.name + "'";
    return fail(ErrorCode::unsupported,
                member.empty()
                    ? "a task bundle, which has no model for this task; it has " + names
                    : "a task bundle without '" + std::string(member) + "'; it has " + names);
  }
  const std::vector<std::byte> content = TRY(read_zip_member(bytes, *found));
  Result<std::vector<std::byte>> graph = onnx_from_tflite(content);
  if (graph) return graph;
  return tl::unexpected(
      std::move(graph).error().with_context("'" + std::string(member) + "' in the task bundle"));
}

}  // namespace

std::string_view name_of(ModelFormat format) {
  switch (format) {
    case ModelFormat::onnx:
      return "ONNX";
    case ModelFormat::tflite:
      return "TensorFlow Lite";
    case ModelFormat::bundle:
      return "MediaPipe task bundle";
    case ModelFormat::openvino:
      return "OpenVINO IR";
  }
  return "unknown";
}

Result<ModelSource> read_model_source(const std::filesystem::path& path,
                                      const std::optional<std::filesystem::path>& weights_path) {
  ModelSource source;
  source.bytes = TRY(read_file(path));
  source.format = format_of(source.bytes);
  if (source.format != ModelFormat::openvino) return source;
  std::filesystem::path beside = path;
  beside.replace_extension(".bin");
  Result<std::vector<std::byte>> weights = read_file(weights_path.value_or(beside));
  if (!weights) {
    return tl::unexpected(std::move(weights).error().with_context(
        "an OpenVINO model, whose weights lie in a second file that ends in .bin"));
  }
  source.weights = *std::move(weights);
  return source;
}

Result<std::vector<std::string>> bundle_members(const ModelSource& source) {
  std::vector<std::string> names;
  if (source.format != ModelFormat::bundle) return names;
  const std::vector<ZipMember> members = TRY(list_zip(source.bytes));
  for (const ZipMember& member : members) {
    if (member.name.ends_with(".tflite")) names.push_back(member.name);
  }
  constexpr std::size_t kMaxModels = 64;
  if (names.size() > kMaxModels) {
    return fail(ErrorCode::unsupported, "a task bundle of " + std::to_string(names.size()) +
                                            " models: at most 64 are read");
  }
  return names;
}

std::string_view bundle_member_for(ModelTask task) {
  const auto* found = std::ranges::find(kTaskMembers, name_of(task), &TaskMember::task);
  return found == kTaskMembers.end() ? std::string_view() : found->member;
}

Result<std::vector<std::byte>> onnx_form(const ModelSource& source, std::string_view member) {
  switch (source.format) {
    case ModelFormat::onnx:
      return source.bytes;
    case ModelFormat::tflite:
      return onnx_from_tflite(source.bytes);
    case ModelFormat::bundle:
      return onnx_from_bundle(source.bytes, member);
    case ModelFormat::openvino:
      return onnx_from_openvino(source.bytes, source.weights);
  }
  return fail(ErrorCode::internal, "a model format without a reader");
}

Sha256 import_key(const Sha256& file, const std::optional<Sha256>& weights,
                  std::string_view member) {
  if (!weights && member.empty()) return file;
  const std::string text =
      file.hex() + " " + (weights ? weights->hex() : "") + " " + std::string(member);
  return sha256_of(std::as_bytes(std::span(text)));
}

}  // namespace retinue
