#include "task/person_following.hpp"

namespace retinue {

namespace {

class PersonExpectation final : public Step {
 public:
  std::string_view name() const override { return "follow"; }
  bool applies(const FrameAnalysis& analysis) const override {
    return analysis.follower != nullptr;
  }
  void finish(FrameAnalysis& analysis) const override {
    analysis.follower->persons.expect(analysis);
  }
};

class PersonMemory final : public Step {
 public:
  std::string_view name() const override { return "follow"; }
  bool applies(const FrameAnalysis& analysis) const override {
    return analysis.follower != nullptr;
  }
  void finish(FrameAnalysis& analysis) const override {
    analysis.follower->persons.remember(analysis);
  }
};

}  // namespace

std::unique_ptr<Step> create_person_expectation() {
  return std::make_unique<PersonExpectation>();
}

std::unique_ptr<Step> create_person_memory() {
  return std::make_unique<PersonMemory>();
}

}  // namespace retinue
