#include "postprocess/blazeface.hpp"

#include <algorithm>
#include <array>
#include <string>

#include "postprocess/anchor_grid.hpp"
#include "postprocess/face_outputs.hpp"
#include "postprocess/model_outputs.hpp"

namespace retinue {

namespace {

constexpr std::size_t kValuesPerAnchor = 16;

/// In the order of FaceKeypoint; the model has right eye, left eye, nose tip, middle of the mouth,
/// right and left tragion.
constexpr std::array<std::size_t, kFaceKeypointCount> kKeypoints = {0, 1, 2, 3, 3};

struct Variant {
  int input_side;
  std::span<const AnchorGrid> grids;
};

constexpr std::array kShortRangeGrids = {AnchorGrid{8, 2}, AnchorGrid{16, 6}};
constexpr std::array kFullRangeGrids = {AnchorGrid{4, 1}};
constexpr std::array kVariants = {Variant{128, kShortRangeGrids}, Variant{192, kFullRangeGrids}};

FaceIn<TensorPx> face_at(Point<TensorPx> anchor, std::span<const float> r, float score) {
  FaceIn<TensorPx> face;
  face.score = score;
  face.box = {anchor.x + r[0] - r[2] / 2, anchor.y + r[1] - r[3] / 2, r[2], r[3]};
  for (std::size_t i = 0; i < kFaceKeypointCount; ++i) {
    const std::size_t at = 4 + 2 * kKeypoints[i];
    face.keypoints[i] = anchor + Point<TensorPx>{r[at], r[at + 1]};
  }
  return face;
}

/// A sum of faces, each times its score.
struct Blend {
  float weight = 0;
  Box<TensorPx> box{};
  std::array<Point<TensorPx>, kFaceKeypointCount> keypoints{};

  void add(const FaceIn<TensorPx>& face) {
    const float w = face.score;
    weight += w;
    box.x += w * face.box.x;
    box.y += w * face.box.y;
    box.width += w * face.box.width;
    box.height += w * face.box.height;
    for (std::size_t i = 0; i < kFaceKeypointCount; ++i)
      keypoints[i] = keypoints[i] + face.keypoints[i] * w;
  }

  /// The score of `face` stays.
  void apply_to(FaceIn<TensorPx>& face) const {
    const float w = 1 / weight;
    face.box = {box.x * w, box.y * w, box.width * w, box.height * w};
    for (std::size_t i = 0; i < kFaceKeypointCount; ++i)
      face.keypoints[i] = keypoints[i] * w;
  }
};

/// Best first, each the mean of those that overlap the best of them; up to `max_count`. Equal
/// scores keep their order, so the answer depends on the detections alone. Allocates nothing.
void blend_overlapping(std::vector<FaceIn<TensorPx>>& faces, float max_iou, std::size_t max_count) {
  auto kept = faces.begin();
  for (std::size_t count = 0; count < max_count && kept != faces.end(); ++count) {
    const auto best = std::ranges::max_element(kept, faces.end(), {}, &FaceIn<TensorPx>::score);
    std::rotate(kept, best, best + 1);
    Blend blend;
    blend.add(*kept);
    const Box<TensorPx> box = kept->box;
    const auto rest = std::remove_if(kept + 1, faces.end(), [&](const FaceIn<TensorPx>& other) {
      const bool overlaps = iou(box, other.box) > max_iou;
      if (overlaps) blend.add(other);
      return overlaps;
    });
    // One that stands alone stays as it is, to the last digit.
    if (rest != faces.end()) blend.apply_to(*kept);
    faces.erase(rest, faces.end());
    ++kept;
  }
  faces.erase(kept, faces.end());
}

}  // namespace

Result<void> blazeface_faces(std::span<const TensorView> outputs, Size input_size,
                             const BlazefaceSettings& settings,
                             std::vector<FaceIn<TensorPx>>& faces) {
  faces.clear();
  const auto* const variant = std::ranges::find(kVariants, input_size.width, &Variant::input_side);
  if (variant == kVariants.end() || input_size.height != input_size.width) {
    return fail(ErrorCode::invalid_argument,
                "reading blazeface's outputs: an input of " + std::to_string(input_size.width) +
                    "x" + std::to_string(input_size.height) + ", need 128x128 or 192x192");
  }
  const std::size_t anchors = anchor_count(variant->input_side, variant->grids);
  const auto regressors = output_of_size(outputs, anchors * kValuesPerAnchor);
  const auto logits = output_of_size(outputs, anchors);
  if (outputs.size() != 2 || !regressors || !logits) {
    const std::string n = std::to_string(anchors);
    return fail(ErrorCode::invalid_argument, "reading blazeface's outputs: need float32 [1, " + n +
                                                 ", 16] and [1, " + n + ", 1]");
  }
  for_each_anchor(
      variant->input_side, variant->grids, [&](std::size_t index, Point<TensorPx> anchor) {
        const float score = sigmoid((*logits)[index]);
        // A score that is not a number goes on, to be refused with its face.
        if (score < settings.min_score) return;
        faces.push_back(face_at(
            anchor, regressors->subspan(index * kValuesPerAnchor, kValuesPerAnchor), score));
      });
  TRY(check_finite(faces, "blazeface"));
  blend_overlapping(faces, settings.max_iou, settings.max_faces);
  return {};
}

}  // namespace retinue
