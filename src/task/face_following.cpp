#include "task/face_following.hpp"

namespace retinue {

namespace {

class FaceExpectation final : public Step {
 public:
  explicit FaceExpectation(std::size_t max_faces) : max_faces_(max_faces) {}

  std::string_view name() const override { return "follow"; }
  bool applies(const FrameAnalysis& analysis) const override {
    return analysis.follower != nullptr;
  }
  void finish(FrameAnalysis& analysis) const override {
    analysis.follower->faces.expect(analysis, max_faces_);
  }

 private:
  std::size_t max_faces_;
};

class FaceMemory final : public Step {
 public:
  std::string_view name() const override { return "follow"; }
  bool applies(const FrameAnalysis& analysis) const override {
    return analysis.follower != nullptr;
  }
  void finish(FrameAnalysis& analysis) const override {
    analysis.follower->faces.remember(analysis);
  }
};

}  // namespace

std::unique_ptr<Step> create_face_expectation(std::size_t max_faces) {
  return std::make_unique<FaceExpectation>(max_faces);
}

std::unique_ptr<Step> create_face_memory() {
  return std::make_unique<FaceMemory>();
}

}  // namespace retinue
