#include "models/model_family.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

namespace retinue {
namespace {

constexpr std::array kModelFamilies{ModelFamily::yunet, ModelFamily::mediapipe_face_mesh,
                                    ModelFamily::mediapipe_blendshapes};

/// One row a family: what it does, what it takes, in words and as a check.
struct FamilyContract {
  ModelFamily family;
  ModelTask task;
  std::string_view accepted;
  bool (*matches)(const ModelSignature&);
};

bool is_float(const ModelTensor& tensor) {
  return tensor.element == ModelElementType::float32 || tensor.element == ModelElementType::float16;
}

/// True if the axis is open or of this size.
bool allows(const ModelAxis& axis, std::int64_t size) {
  return axis.size.value_or(size) == size;
}

/// Elements of one row, a leading batch axis left out; nullopt: an axis is open.
std::optional<std::int64_t> elements_per_row(const ModelTensor& tensor) {
  std::int64_t count = 1;
  for (std::size_t i = 0; i < tensor.axes.size(); ++i) {
    const bool batch = i == 0 && tensor.axes.size() > 1;
    if (batch && allows(tensor.axes[i], 1)) continue;
    // No tensor of a family here comes near; a larger product would only overflow.
    if (!tensor.axes[i].size || *tensor.axes[i].size > (1 << 20) || count > (1 << 20)) {
      return std::nullopt;
    }
    count *= *tensor.axes[i].size;
  }
  return count;
}

bool takes_planar_picture(const ModelSignature& signature) {
  if (signature.inputs.size() != 1) return false;
  const ModelTensor& input = signature.inputs.front();
  return is_float(input) && input.axes.size() == 4 && input.axes[1].size == 3;
}

bool is_yunet(const ModelSignature& signature) {
  struct Head {
    std::string_view name;
    std::int64_t channels;
  };
  constexpr std::array kHeads{Head{"cls", 1}, Head{"obj", 1}, Head{"bbox", 4}, Head{"kps", 10}};
  constexpr std::array<std::string_view, 3> kStrides{"8", "16", "32"};
  const auto has_output = [&](const std::string& name, std::int64_t channels) {
    return std::ranges::any_of(signature.outputs, [&](const ModelTensor& output) {
      return output.name == name && is_float(output) && output.axes.size() == 3 &&
             allows(output.axes[2], channels);
    });
  };
  if (!takes_planar_picture(signature)) return false;
  if (signature.outputs.size() != kHeads.size() * kStrides.size()) return false;
  for (const Head& head : kHeads) {
    for (const std::string_view stride : kStrides) {
      if (!has_output(std::string(head.name) + "_" + std::string(stride), head.channels)) {
        return false;
      }
    }
  }
  return true;
}

bool is_face_mesh(const ModelSignature& signature) {
  if (!takes_planar_picture(signature)) return false;
  const ModelTensor& input = signature.inputs.front();
  const bool square = input.axes[2].size && input.axes[2].size == input.axes[3].size;
  if (!square || signature.outputs.size() < 2) return false;
  if (!std::ranges::all_of(signature.outputs, is_float)) return false;
  return elements_per_row(signature.outputs[0]) == std::int64_t{478} * 3 &&
         elements_per_row(signature.outputs[1]) == std::int64_t{1};
}

bool is_blendshapes(const ModelSignature& signature) {
  if (signature.inputs.size() != 1 || signature.outputs.size() != 1) return false;
  const ModelTensor& input = signature.inputs.front();
  const ModelTensor& output = signature.outputs.front();
  return is_float(input) && is_float(output) && input.axes.size() == 3 &&
         allows(input.axes[1], 146) && allows(input.axes[2], 2) &&
         elements_per_row(output) == std::int64_t{52};
}

constexpr std::array kContracts{
    FamilyContract{ModelFamily::yunet, ModelTask::faces,
                   "one float input [N, 3, H, W] and the twelve outputs cls_S, obj_S, bbox_S, "
                   "kps_S for S = 8, 16, 32 with 1, 1, 4, 10 columns",
                   is_yunet},
    FamilyContract{ModelFamily::mediapipe_face_mesh, ModelTask::landmarks,
                   "one float input [N, 3, S, S], a first output of 1434 elements (478 points) and "
                   "a second of 1 (presence)",
                   is_face_mesh},
    FamilyContract{ModelFamily::mediapipe_blendshapes, ModelTask::blendshapes,
                   "one float input [N, 146, 2] and one output of 52 elements", is_blendshapes},
};

}  // namespace

std::string_view name_of(ModelFamily family) {
  switch (family) {
    case ModelFamily::yunet:
      return "yunet";
    case ModelFamily::mediapipe_face_mesh:
      return "mediapipe_face_mesh";
    case ModelFamily::mediapipe_blendshapes:
      return "mediapipe_blendshapes";
  }
  return "unknown";
}

Result<ModelFamily> parse_model_family(std::string_view name) {
  for (const ModelFamily family : kModelFamilies) {
    if (name == name_of(family)) return family;
  }
  return fail(ErrorCode::invalid_argument,
              "model family '" + std::string(name) +
                  "' is not one of yunet, mediapipe_face_mesh, mediapipe_blendshapes");
}

Result<ModelFamily> recognise_family(const ModelSignature& signature, ModelTask task) {
  std::string accepted;
  for (const FamilyContract& contract : kContracts) {
    if (contract.task != task) continue;
    if (contract.matches(signature)) return contract.family;
    if (!accepted.empty()) accepted += "; or ";
    accepted += std::string(name_of(contract.family)) + ": " + std::string(contract.accepted);
  }
  return fail(ErrorCode::unsupported, "not a model for the task '" + std::string(name_of(task)) +
                                          "': found " + signature.description() +
                                          "; accepted would be " + accepted);
}

}  // namespace retinue
