/// A step that finds the faces that it was given.
#pragma once

#include <string_view>
#include <utility>
#include <vector>

#include "task/step.hpp"

namespace retinue {

/// What detector, mesh and head pose would find.
class KnownFaces final : public Step {
 public:
  explicit KnownFaces(std::vector<FaceIn<UprightPx>> faces) : faces_(std::move(faces)) {}
  std::string_view name() const override { return "known"; }
  void finish(FrameAnalysis& analysis) const override { analysis.faces = faces_; }

 private:
  std::vector<FaceIn<UprightPx>> faces_;
};

}  // namespace retinue
