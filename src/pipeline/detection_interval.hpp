/// When a followed source's detector is due.
#pragma once

namespace retinue {

/// Of one source. Counts the frames that are analysed, so that a lossless source's detections
/// depend on its frames alone. The first frame is due.
class DetectionInterval {
 public:
  /// Whether the next frame is due when that is every `every` frames. Counts it.
  bool next(int every) {
    const bool due = since_ == 0 || since_ >= every;
    since_ = due ? 1 : since_ + 1;
    return due;
  }

 private:
  int since_ = 0;  ///< Frames since the last that was due, itself included.
};

}  // namespace retinue
