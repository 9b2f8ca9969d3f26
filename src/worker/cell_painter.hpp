/// Makes what a cell of a window shows: a strip with the source's name, and below it the picture
/// with what was measured drawn on it.
#pragma once

#include <memory>
#include <string>

#include "base/result.hpp"
#include "frame/preview.hpp"
#include "preprocess/sampler.hpp"
#include "tensor/tensor.hpp"
#include "view/view_state.hpp"
#include "worker/view_cell.hpp"

namespace retinue {

/// Thread-bound.
class CellPainter {
 public:
  static constexpr int kStripPx = 24;

  /// Of a frame as people see it: upright, with square pixels.
  static Size picture_size(const Frame& frame);

  /// Fills `area`. The picture is sampled from the frame's planes at the size at which it is seen,
  /// so it is never scaled twice, and lines and letters are as sharp as the display. Mirrored, the
  /// picture and what is drawn on it are as in a mirror, and text is not. `shown` may be null.
  void paint(const ShownFrame* shown, const std::string& name, const std::string& status,
             const ViewState& state, const Preview& area);

  /// Paints the keys over `window`.
  static void paint_help(const Preview& window);

 private:
  Result<void> paint_picture(const ShownFrame& shown, const ViewState& state, const Preview& room);

  std::unique_ptr<Sampler> sampler_;
  Tensor picture_;
};

}  // namespace retinue
