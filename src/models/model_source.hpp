/// Model files of every format that is read, and their ONNX form.
#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "models/model_task.hpp"
#include "models/sha256.hpp"

namespace retinue {

enum class ModelFormat {
  onnx,
  tflite,    ///< TensorFlow Lite.
  bundle,    ///< MediaPipe's .task: a zip archive of TensorFlow Lite models.
  openvino,  ///< OpenVINO's IR: a graph (.xml) with its weights in a second file (.bin).
};

/// As in messages: "ONNX", "TensorFlow Lite", "MediaPipe task bundle", "OpenVINO IR".
std::string_view name_of(ModelFormat format);

/// A model file in memory, with what belongs to it.
struct ModelSource {
  ModelFormat format = ModelFormat::onnx;  ///< Told from the content, not from the name.
  std::vector<std::byte> bytes;
  std::vector<std::byte> weights;  ///< Of an OpenVINO model, else empty.
};

/// Reads a file. `weights_path` is the second file of an OpenVINO model; absent: it lies beside the
/// first, with the extension .bin.
///
/// Errors  not_found, unavailable: a file cannot be read.
Result<ModelSource> read_model_source(
    const std::filesystem::path& path,
    const std::optional<std::filesystem::path>& weights_path = std::nullopt);

/// The TensorFlow Lite models in a bundle, in its order. Of another format: none.
///
/// Errors  corrupt_input, unsupported: the archive cannot be read.
Result<std::vector<std::string>> bundle_members(const ModelSource& source);

/// The name that MediaPipe's bundles give the model for a task. Empty: they have none for it.
std::string_view bundle_member_for(ModelTask task);

/// The model as an ONNX file, not yet imported. An ONNX file is returned as it is. `member` is the
/// model in a bundle; of other formats it is ignored. Deterministic.
///
/// Errors  corrupt_input: damaged. unsupported: an operator, or a form of one, that is not known
///         here, which the message names; a bundle without this member.
Result<std::vector<std::byte>> onnx_form(const ModelSource& source, std::string_view member = {});

/// What an imported graph is kept under: the hash of the file, or of all that it is made from.
/// `weights` and `member` are absent and empty where there are none.
Sha256 import_key(const Sha256& file, const std::optional<Sha256>& weights,
                  std::string_view member);

}  // namespace retinue
