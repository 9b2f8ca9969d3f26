/// Producers, consumers and lanes for the pipeline's tests. Frames have no pixels; what steps
/// "find" in frame n is a face of score n.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/mutex.hpp"
#include "pipeline/pipeline.hpp"
#include "task/recording_sampler.hpp"

namespace retinue {

inline Frame numbered_frame(std::uint64_t index) {
  return Frame({.geometry = {.stored = {64, 48}}, .times = {.index = index}});
}

/// A step without a model that does what it is told to.
class CallbackStep final : public Step {
 public:
  explicit CallbackStep(std::function<void(FrameAnalysis&)> work) : work_(std::move(work)) {}

  std::string_view name() const override { return "callback"; }
  void finish(FrameAnalysis& analysis) const override {
    FaceIn<UprightPx> face;
    face.score = static_cast<float>(analysis.frame.times().index);
    analysis.faces.push_back(face);
    work_(analysis);
  }

 private:
  std::function<void(FrameAnalysis&)> work_;
};

/// Lanes over one CallbackStep.
class LaneRig {
 public:
  explicit LaneRig(
      std::size_t count, std::function<void(FrameAnalysis&)> work = [](auto&) {}) {
    plan_.steps.push_back(std::make_unique<CallbackStep>(std::move(work)));
    make_lanes(count);
  }

  /// Lanes over a plan of the test's.
  LaneRig(std::size_t count, AnalysisPlan plan) : plan_(std::move(plan)) { make_lanes(count); }

  std::span<const std::unique_ptr<Lane>> lanes() const { return lanes_; }

  /// Runs `producer` as the only source, a lossless one.
  Result<void> run(ItemProducer& producer, ItemConsumer& consumer,
                   const PipelineSettings& settings = {}) const {
    return run(std::vector<PipelineSource>{{.producer = &producer}}, consumer, settings);
  }

  Result<void> run(const std::vector<PipelineSource>& sources, ItemConsumer& consumer,
                   const PipelineSettings& settings = {}) const {
    return run_pipeline(sources, plan_, lanes_, consumer, settings);
  }

 private:
  void make_lanes(std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
      lanes_.push_back(
          std::make_unique<Lane>(LaneSettings{.steps = plan_.steps, .stages = &stages_},
                                 std::make_unique<RecordingSampler>()));
    }
  }

  AnalysisPlan plan_;
  StageTable stages_;
  std::vector<std::unique_ptr<Lane>> lanes_;
};

/// Gives items that `make` makes of 0, 1, 2 … until it makes none.
class CallbackProducer final : public ItemProducer {
 public:
  explicit CallbackProducer(std::function<std::optional<PipelineItem>(std::uint64_t)> make)
      : make_(std::move(make)) {}

  std::optional<PipelineItem> next() override { return make_(made_++); }

 private:
  std::function<std::optional<PipelineItem>(std::uint64_t)> make_;
  std::uint64_t made_ = 0;
};

/// `count` frames.
inline CallbackProducer frames(std::uint64_t count) {
  return CallbackProducer([count](std::uint64_t n) -> std::optional<PipelineItem> {
    if (n == count) return std::nullopt;
    return numbered_frame(n);
  });
}

/// Writes down what it gets, in a line each. Thread-safe: sources hand on at the same time.
class Recorder final : public ItemConsumer {
 public:
  explicit Recorder(std::function<Result<void>(const AnalysedItem&)> then = {})
      : then_(std::move(then)) {}

  Result<void> consume(AnalysedItem& item) override {
    {
      const MutexLock lock(mutex_);
      lines.push_back(std::to_string(item.source) + ' ' + std::visit(Describe(), item.content));
    }
    if (then_) return then_(item);
    return {};
  }

  std::vector<std::string> lines;

 private:
  struct Describe {
    std::string operator()(const SourceBegin&) const { return "begin"; }
    std::string operator()(const AnalysedFrame& frame) const {
      std::string line = "frame " + std::to_string(frame.frame.times().index);
      for (const Face& face : frame.faces)
        line += " face " + std::to_string(static_cast<int>(face.score));
      return frame.error ? line + " error " + frame.error->message() : line;
    }
    std::string operator()(const DecodeFailure& failure) const { return failure.message; }
    std::string operator()(const SourceEnd& end) const {
      return end.error ? "end: " + end.error->message() : "end";
    }
  };

  std::function<Result<void>(const AnalysedItem&)> then_;
  Mutex mutex_;
};

/// What a Recorder writes down for `count` frames of one source.
inline std::vector<std::string> lines_of_frames(std::uint64_t count, std::size_t source = 0) {
  std::vector<std::string> lines;
  for (std::uint64_t n = 0; n < count; ++n)
    lines.push_back(std::to_string(source) + " frame " + std::to_string(n) + " face " +
                    std::to_string(n));
  return lines;
}

}  // namespace retinue
