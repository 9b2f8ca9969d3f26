// The strongest blendshapes of one face, as bars beside it.
#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "sink/overlay_layers.hpp"

namespace retinue {

namespace {

constexpr std::size_t kBarCount = 4;
constexpr float kWeakest = 0.1F;
/// Beyond it the nose points at one side, and the bars go to the other.
constexpr float kTurnedYawDeg = 25;

/// Indices of the strongest blendshapes, in the model's order: rows that keep their order from
/// frame to frame are easier to follow than rows that are sorted.
std::vector<std::size_t> strongest(const Blendshapes& values) {
  std::vector<std::size_t> indices;
  for (std::size_t i = 1; i < kBlendshapeCount; ++i) {  // 0 is `_neutral`.
    if (values[i] >= kWeakest) indices.push_back(i);
  }
  if (indices.size() > kBarCount) {
    std::ranges::partial_sort(indices, indices.begin() + kBarCount, std::ranges::greater(),
                              [&](std::size_t i) { return values[i]; });
    indices.resize(kBarCount);
    std::ranges::sort(indices);
  }
  return indices;
}

bool inside(Size picture, const Box<FramePx>& box) {
  return box.x >= 0 && box.y >= 0 && box.right() <= static_cast<float>(picture.width) &&
         box.bottom() <= static_cast<float>(picture.height);
}

float overlap(const Box<FramePx>& box, const std::vector<Box<FramePx>>& taken) {
  float sum = 0;
  for (const Box<FramePx>& other : taken) {
    const float width = std::min(box.right(), other.right()) - std::max(box.x, other.x);
    const float height = std::min(box.bottom(), other.bottom()) - std::max(box.y, other.y);
    if (width > 0 && height > 0) sum += width * height;
  }
  return sum;
}

/// Right of the face, left of it, or in its lower corner: the first that hides least.
Box<FramePx> place(Size panel, Size picture, const Face& face, float gap,
                   const std::vector<Box<FramePx>>& taken) {
  const auto width = static_cast<float>(panel.width);
  const auto height = static_cast<float>(panel.height);
  const float top = face.box.center().y - height / 2;
  std::array<Box<FramePx>, 3> candidates = {
      {{face.box.right() + gap, top, width, height},
       {face.box.x - gap - width, top, width, height},
       {std::clamp(face.box.x + gap, 0.0F,
                   std::max(0.0F, static_cast<float>(picture.width) - width)),
        std::clamp(face.box.bottom() - gap - height, 0.0F,
                   std::max(0.0F, static_cast<float>(picture.height) - height)),
        width, height}}};
  if (face.head_pose && face.head_pose->yaw_deg > kTurnedYawDeg) {
    std::swap(candidates[0], candidates[1]);
  }
  const Box<FramePx>* best = &candidates.back();
  float least = overlap(*best, taken);
  for (const Box<FramePx>& candidate : candidates) {
    if (!inside(picture, candidate)) continue;
    const float hidden = overlap(candidate, taken);
    if (hidden < least) {
      best = &candidate;
      least = hidden;
    }
  }
  return *best;
}

}  // namespace

void draw_blendshape_bars(Canvas& canvas, const Face& face, const OverlayScale& scale,
                          std::vector<Box<FramePx>>& taken) {
  if (!face.blendshapes || scale.detail != OverlayDetail::full) return;
  const std::vector<std::size_t> rows = strongest(*face.blendshapes);
  if (rows.empty()) return;
  const float font_px = std::max(9.0F, scale.font_px * 0.85F);
  const float bar_px = font_px * 4;
  const float row_px = font_px * 1.45F;
  const float gap = font_px * 0.6F;
  canvas.set_font(font_px, FontWeight::normal);
  float text_px = 0;
  for (const std::size_t row : rows)
    text_px = std::max(text_px, canvas.text_width(std::string(blendshape_names()[row])));
  const Size panel{static_cast<int>(bar_px + gap + text_px + gap),
                   static_cast<int>(row_px * static_cast<float>(rows.size()))};
  const Box<FramePx> area = place(panel, canvas.size(), face, gap, taken);
  taken.push_back(area);

  const float thickness = font_px * 0.5F;
  const auto bar = [&](std::size_t row, float share) {
    const float center = area.y + row_px * (static_cast<float>(row) + 0.5F);
    return Box<FramePx>{area.x, center - thickness / 2, std::max(bar_px * share, thickness),
                        thickness};
  };
  for (std::size_t i = 0; i < rows.size(); ++i)
    canvas.add_rounded_box(bar(i, 1), thickness / 2);
  canvas.fill({0.25, 0.25, 0.25}, 0.65);
  for (std::size_t i = 0; i < rows.size(); ++i)
    canvas.add_rounded_box(bar(i, (*face.blendshapes)[rows[i]]), thickness / 2);
  canvas.fill(color_of(face.track));
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const float center = area.y + row_px * (static_cast<float>(i) + 0.5F);
    canvas.draw_text({area.x + bar_px + gap, center + font_px * 0.36F},
                     std::string(blendshape_names()[rows[i]]), {1, 1, 1});
  }
}

}  // namespace retinue
