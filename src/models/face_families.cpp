#include "models/face_families.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

#include "models/signature_checks.hpp"

namespace retinue {
namespace {

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

/// A square picture in; `outputs` tensors of `elements` a row out.
bool is_square_picture_to(const ModelSignature& signature, std::size_t outputs,
                          std::int64_t elements) {
  if (!takes_planar_picture(signature) || signature.outputs.size() != outputs) return false;
  const ModelTensor& input = signature.inputs.front();
  return input.axes[2].size == input.axes[3].size &&
         std::ranges::all_of(signature.outputs, [elements](const ModelTensor& output) {
           return is_float(output) && elements_per_row(output) == elements;
         });
}

}  // namespace

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

bool is_blazeface(const ModelSignature& signature) {
  struct Variant {
    std::int64_t side;
    std::int64_t anchors;
  };
  constexpr std::array kVariants{Variant{128, 896}, Variant{192, 2304}};
  if (!takes_planar_picture(signature) || signature.outputs.size() != 2) return false;
  const ModelTensor& input = signature.inputs.front();
  const auto has_output = [&](std::int64_t elements) {
    return std::ranges::any_of(signature.outputs, [&](const ModelTensor& output) {
      return is_float(output) && elements_per_row(output) == elements;
    });
  };
  return std::ranges::any_of(kVariants, [&](const Variant& variant) {
    return input.axes[2].size == variant.side && input.axes[3].size == variant.side &&
           has_output(variant.anchors * 16) && has_output(variant.anchors);
  });
}

/// As insightface exports them: scores, boxes and keypoints of each stride, by kind. Rows may come
/// without a batch axis; exports with open axes do not say how many columns there are.
bool is_scrfd(const ModelSignature& signature) {
  constexpr std::array<std::int64_t, 9> kColumns{1, 1, 1, 4, 4, 4, 10, 10, 10};
  if (!takes_planar_picture(signature)) return false;
  return std::ranges::equal(
      signature.outputs, kColumns, [](const ModelTensor& output, std::int64_t columns) {
        const std::size_t rank = output.axes.size();
        return is_float(output) && (rank == 2 || rank == 3) && allows(output.axes.back(), columns);
      });
}

bool is_retinaface(const ModelSignature& signature) {
  if (!takes_planar_picture(signature) || signature.outputs.size() != 3) return false;
  constexpr std::array<std::int64_t, 3> kColumns{4, 2, 10};
  return std::ranges::all_of(kColumns, [&](std::int64_t columns) {
    return std::ranges::any_of(signature.outputs, [&](const ModelTensor& output) {
      return is_float(output) && output.axes.size() == 3 && allows(output.axes[2], columns);
    });
  });
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

bool is_read_of_face_mesh(const ModelSignature& /*signature*/, std::size_t output) {
  return output < 2;
}

bool is_blendshapes(const ModelSignature& signature) {
  if (signature.inputs.size() != 1 || signature.outputs.size() != 1) return false;
  const ModelTensor& input = signature.inputs.front();
  const ModelTensor& output = signature.outputs.front();
  return is_float(input) && is_float(output) && input.axes.size() == 3 &&
         allows(input.axes[1], 146) && allows(input.axes[2], 2) &&
         elements_per_row(output) == std::int64_t{52};
}

bool is_head_pose_adas(const ModelSignature& signature) {
  if (!takes_planar_picture(signature) || signature.outputs.size() != 3) return false;
  const ModelTensor& input = signature.inputs.front();
  if (input.axes[2].size != 60 || input.axes[3].size != 60) return false;
  constexpr std::array<std::string_view, 3> kAngles{"angle_y_fc", "angle_p_fc", "angle_r_fc"};
  return std::ranges::all_of(kAngles, [&](std::string_view name) {
    return std::ranges::any_of(signature.outputs, [&](const ModelTensor& output) {
      return output.name == name && is_float(output) && elements_per_row(output) == std::int64_t{1};
    });
  });
}

bool is_gaze_adas(const ModelSignature& signature) {
  const auto has_input = [&](std::string_view name, std::initializer_list<std::int64_t> row) {
    return std::ranges::any_of(signature.inputs, [&](const ModelTensor& input) {
      if (input.name != name || !is_float(input) || input.axes.size() != row.size() + 1) {
        return false;
      }
      return std::equal(row.begin(), row.end(), input.axes.begin() + 1,
                        [](std::int64_t size, const ModelAxis& axis) { return axis.size == size; });
    });
  };
  return signature.inputs.size() == 3 && has_input("left_eye_image", {3, 60, 60}) &&
         has_input("right_eye_image", {3, 60, 60}) && has_input("head_pose_angles", {3}) &&
         signature.outputs.size() == 1 && is_float(signature.outputs.front()) &&
         elements_per_row(signature.outputs.front()) == std::int64_t{3};
}

bool is_gaze_bins(const ModelSignature& signature) {
  return is_square_picture_to(signature, 2, 90) || is_square_picture_to(signature, 2, 28);
}

bool is_gaze_angles(const ModelSignature& signature) {
  return is_square_picture_to(signature, 1, 2);
}

bool is_gaze360(const ModelSignature& signature) {
  constexpr std::int64_t kLeastSide = 112;
  return is_square_picture_to(signature, 1, 3) &&
         signature.inputs.front().axes[2].size.value_or(kLeastSide) >= kLeastSide;
}

bool is_arcface(const ModelSignature& signature) {
  constexpr std::int64_t kMaxLength = 512;
  if (!takes_planar_picture(signature) || signature.outputs.size() != 1) return false;
  const ModelTensor& input = signature.inputs.front();
  const std::optional<std::int64_t> length = elements_per_row(signature.outputs.front());
  // A multiple of 64: nets for landmarks and classifiers of pictures answer with other numbers.
  return input.axes[2].size == input.axes[3].size && is_float(signature.outputs.front()) &&
         length && *length >= 64 && *length <= kMaxLength && *length % 64 == 0;
}

bool is_fer2013(const ModelSignature& signature) {
  constexpr std::int64_t kEmotions = 7;
  if (signature.inputs.size() != 1 || signature.outputs.size() != 1) return false;
  const ModelTensor& input = signature.inputs.front();
  return is_float(input) && input.axes.size() == 4 && input.axes[1].size == 1 &&
         input.axes[2].size == input.axes[3].size && is_float(signature.outputs.front()) &&
         elements_per_row(signature.outputs.front()) == kEmotions;
}

}  // namespace retinue
