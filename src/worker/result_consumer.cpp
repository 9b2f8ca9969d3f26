#include "worker/result_consumer.hpp"

#include <utility>

namespace retinue {

ResultConsumer::ResultConsumer(const std::vector<std::string>& names,
                               std::deque<FrameLedger>& ledgers, std::vector<SourceReport>& reports,
                               OutputSet* outputs, std::unique_ptr<Sampler> sampler,
                               const ConsumerSettings& settings)
    : names_(names),
      ledgers_(ledgers),
      reports_(reports),
      outputs_(outputs),
      sampler_(std::move(sampler)),
      settings_(settings),
      track_stage_(settings.stages->stage("track")),
      output_stage_(settings.stages->stage("outputs")) {}

Result<void> ResultConsumer::consume(AnalysedItem item) {
  if (auto* begun = std::get_if<SourceBegin>(&item.content)) return begin(item.source, *begun);
  if (auto* frame = std::get_if<AnalysedFrame>(&item.content))
    return deliver(item.source, std::move(*frame));
  if (auto* failure = std::get_if<DecodeFailure>(&item.content))
    return deliver(item.source, std::move(*failure));
  return end(item.source, std::move(std::get<SourceEnd>(item.content)));
}

Result<void> ResultConsumer::begin(std::size_t source, const SourceBegin& begin) {
  name_ = std::make_shared<const std::string>(names_[source]);
  tracker_ = FaceTracker();
  smoother_.reset();
  begun_ = std::chrono::steady_clock::now();
  settings_.progress->begin_source(names_[source], begin.stream->frame_count);
  if (outputs_ == nullptr) return {};
  return outputs_->begin_source(names_[source], *begin.stream);
}

Result<void> ResultConsumer::deliver(std::size_t source, AnalysedFrame analysed) {
  const Frame& frame = analysed.frame;
  FrameResult result{.source = name_,
                     .frame = frame.times().index,
                     .time = frame.times().time,
                     .error = analysed.error ? analysed.error->message() : std::string(),
                     .size = frame.geometry().frame_size(),
                     .discontinuity = frame.times().discontinuity,
                     .tasks = settings_.tasks,
                     .faces = std::move(analysed.faces)};
  {
    const StageTimer timer(track_stage_);
    track_and_smooth(result);
  }
  TRY(write(result, &frame));
  FrameLedger& ledger = ledgers_[source];
  if (analysed.error) {
    ledger.drop(DropReason::failed);
    if (!reports_[source].error)
      reports_[source].error = "frame " + std::to_string(*result.frame) + ": " + result.error;
  } else {
    ledger.deliver();
  }
  reports_[source].faces += static_cast<std::int64_t>(result.faces.size());
  latency_.add(arrival_now() - frame.times().arrival);
  settings_.progress->deliver(result.faces.size());
  return {};
}

Result<void> ResultConsumer::deliver(std::size_t /*source*/, DecodeFailure failure) {
  const FrameResult result{
      .source = name_, .time = failure.time, .error = std::move(failure.message)};
  return write(result, nullptr);
}

Result<void> ResultConsumer::end(std::size_t source, SourceEnd end) {
  SourceReport& report = reports_[source];
  report.interrupted = end.interrupted;
  if (end.error) report.error = end.error->message();
  if (!name_) return {};  // It never began.
  report.wall_s = std::chrono::duration<double>(std::chrono::steady_clock::now() - begun_).count();
  name_.reset();
  if (outputs_ == nullptr) return {};
  return outputs_->end_source(report.interrupted || report.error ? Completion::partial
                                                                 : Completion::complete);
}

void ResultConsumer::track_and_smooth(FrameResult& result) {
  if (result.discontinuity) {
    tracker_.reset();
    smoother_.reset();
  }
  tracker_.update(result.faces, result.time);
  if (settings_.smoothing) smoother_.smooth(result.faces, result.time);
}

Result<void> ResultConsumer::write(const FrameResult& result, const Frame* frame) {
  if (outputs_ == nullptr) return {};
  const StageTimer timer(output_stage_);
  if (frame == nullptr || !outputs_->wants_preview()) return outputs_->write(result, nullptr);
  const Preview preview = TRY(preview_of(*frame));
  return outputs_->write(result, &preview);
}

Result<Preview> ResultConsumer::preview_of(const Frame& frame) {
  const Size size = frame.geometry().frame_size();
  preview_.resize(ElementType::uint8, {1, size.height, size.width, 4});
  // The picture's pixels are the tensor's.
  const Affine<UprightPx, FramePx> map = frame.geometry().frame_from_upright().inverse();
  const Affine<UprightPx, TensorPx> upright_from_tensor{map.xx, map.xy, map.x0,
                                                        map.yx, map.yy, map.y0};
  constexpr SampleSpec kSpec{
      .layout = TensorLayout::nhwc, .channels = ChannelOrder::bgrx, .type = ElementType::uint8};
  const TensorView view = preview_.view();
  TRY(sampler_->sample(frame, upright_from_tensor, kSpec, view));
  return Preview{static_cast<std::byte*>(view.data), std::ptrdiff_t{4} * size.width, size};
}

}  // namespace retinue
