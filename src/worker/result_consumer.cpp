#include "worker/result_consumer.hpp"

#include <algorithm>
#include <utility>

#include "base/log.hpp"
#include "sink/hidden_regions.hpp"

namespace retinue {

namespace {

/// When a live source's frame was taken, as well as its arrival knows it.
CaptureTime capture_time_of(const FrameTimes& times, ArrivalTime now) {
  if (times.captured_at) return *times.captured_at;
  const auto utc_now =
      std::chrono::time_point_cast<std::chrono::nanoseconds>(std::chrono::system_clock::now());
  return {.utc = utc_now - (now - times.arrival), .clock = CaptureClock::arrival};
}

/// A recording's frames may wait for a face to come back, as many as there is memory for.
FaceCoverSettings cover_settings(bool live, Size frame) {
  if (live) return {};
  constexpr std::int64_t kMemoryBytes = 256 << 20;
  constexpr std::int64_t kMostFrames = 240;
  const std::int64_t frame_bytes = std::int64_t{frame.width} * frame.height * 3 / 2;
  const std::int64_t frames = kMemoryBytes / std::max<std::int64_t>(frame_bytes, 1);
  return {.look_ahead = static_cast<std::size_t>(std::clamp<std::int64_t>(frames, 1, kMostFrames))};
}

/// Its frames follow one another and have an end.
bool is_recording(const StreamDescription& stream, bool live) {
  return !live && !(stream.still_picture && !stream.in_sequence);
}

std::string_view explanation_of(LoadLevel level) {
  switch (level) {
    case LoadLevel::normal:
      return "the load is back to normal: the detector looks every 5 frames";
    case LoadLevel::reduced:
      return "more frames come than can be analysed: the detector looks every 10 frames";
    case LoadLevel::minimal:
      return "more frames come than can be analysed: the detector looks every 30 frames";
    case LoadLevel::dropping:
      return "more frames come than can be analysed: the detector looks every 30 frames, and "
             "frames are dropped evenly over the sources";
  }
  __builtin_unreachable();
}

}  // namespace

ResultConsumer::ResultConsumer(std::vector<ConsumedSource> sources, const OutputSet* outputs,
                               const ConsumerSettings& settings)
    : sources_(std::move(sources)),
      open_(sources_.size()),
      outputs_(outputs),
      settings_(settings),
      track_stage_(settings.stages->stage("track")),
      action_unit_stage_(settings.stages->stage("action-units")),
      output_stage_(settings.stages->stage("outputs")) {}

Result<void> ResultConsumer::consume(AnalysedItem& item) {
  if (auto* begun = std::get_if<SourceBegin>(&item.content)) return begin(item.source, *begun);
  if (auto* frame = std::get_if<AnalysedFrame>(&item.content)) return deliver(item.source, *frame);
  if (auto* failure = std::get_if<DecodeFailure>(&item.content))
    return deliver(item.source, std::move(*failure));
  return end(item.source, std::move(std::get<SourceEnd>(item.content)));
}

void ResultConsumer::load_changed(LoadLevel level) {
  log(level == LoadLevel::normal ? LogLevel::info : LogLevel::warning, explanation_of(level));
}

Result<void> ResultConsumer::finish() {
  Result<void> first_failure;
  for (std::size_t source = 0; source < open_.size(); ++source) {
    std::unique_ptr<Open>& open = open_[source];
    if (!open) continue;
    for (const Held& held : open->held) {
      if (held.frame) sources_[source].ledger->drop(DropReason::interrupted);
    }
    Result<void> written = write_held_back(source);
    Result<void> done = std::exchange(open, nullptr)->outputs.finish(Completion::partial);
    if (!written) done = std::move(written);
    if (!done && first_failure) first_failure = std::move(done);
  }
  return first_failure;
}

Result<void> ResultConsumer::begin(std::size_t source, const SourceBegin& begin) {
  auto open = std::make_unique<Open>();
  const std::string& name = sources_[source].name;
  open->name = std::make_shared<const std::string>(name);
  open->begun = std::chrono::steady_clock::now();
  settings_.progress->begin_source(name, begin.stream->frame_count);
  if (outputs_ != nullptr) open->outputs = TRY(outputs_->begin_source(name, *begin.stream));
  if (settings_.openface) {
    const std::shared_ptr<const OpenFacePredictors> predictors(settings_.openface,
                                                               &settings_.openface->predictors);
    open->openface.emplace(predictors);
    if (is_recording(*begin.stream, sources_[source].live) && open->outputs.wants_records())
      open->second_pass = TRY(SecondPass::create());
  }
  open_[source] = std::move(open);
  if (settings_.view != nullptr) settings_.view->begin(source);
  return {};
}

Result<void> ResultConsumer::deliver(std::size_t source, AnalysedFrame& analysed) {
  const ConsumedSource& consumed = sources_[source];
  Open& open = *open_[source];
  const Frame& frame = analysed.frame;
  FrameResult result{.source = open.name,
                     .frame = frame.times().index,
                     .time = frame.times().time,
                     .error = analysed.error ? analysed.error->message() : std::string(),
                     .size = frame.geometry().frame_size(),
                     .discontinuity = frame.times().discontinuity,
                     .tasks = settings_.tasks,
                     .faces = std::move(analysed.faces),
                     .persons = std::move(analysed.persons)};
  {
    const StageTimer timer(track_stage_, result.frame);
    track_and_smooth(open, result);
  }
  if (settings_.tasks.contains(TaskName::action_units)) {
    const StageTimer timer(action_unit_stage_, result.frame);
    estimate_action_units(open, result);
  }
  if (consumed.live) {
    const ArrivalTime now = arrival_now();
    result.captured_at = capture_time_of(frame.times(), now);
    result.latency_ms =
        std::chrono::duration<double, std::milli>(now - frame.times().arrival).count();
  }
  Held held{std::move(result), std::move(analysed.frame), analysed.error.has_value()};
  if (hides_faces(open)) return hold(source, std::move(held));
  TRY(hand_out(source, open, held));
  if (settings_.view != nullptr) {
    settings_.view->publish(source, {*std::move(held.frame), std::move(held.result)},
                            open.superseded);
  } else {
    // Their memory is lent.
    analysed.frame = *std::move(held.frame);
    analysed.faces = std::move(held.result.faces);
    analysed.persons = std::move(held.result.persons);
  }
  return {};
}

Result<void> ResultConsumer::deliver(std::size_t source, DecodeFailure failure) {
  Open& open = *open_[source];
  Held held{
      .result = {.source = open.name, .time = failure.time, .error = std::move(failure.message)},
      .frame = std::nullopt};
  if (hides_faces(open)) return hold(source, std::move(held));
  return write(open, held.result, nullptr);
}

bool ResultConsumer::hides_faces(const Open& open) const {
  return settings_.anonymize_faces && (open.outputs.wants_preview() || settings_.view != nullptr);
}

Result<void> ResultConsumer::hold(std::size_t source, Held held) {
  Open& open = *open_[source];
  if (held.frame) {
    if (!open.cover) open.cover.emplace(cover_settings(sources_[source].live, held.result.size));
    if (held.result.discontinuity) open.cover->reset();
    open.cover->add(held.result.faces, held.result.time);
  }
  open.held.push_back(std::move(held));
  return release(source, open, false);
}

Result<void> ResultConsumer::release(std::size_t source, Open& open, bool at_end) {
  while (!open.held.empty()) {
    if (open.held.front().frame) {
      std::optional<std::vector<HiddenRegion>> regions = open.cover->take(at_end);
      if (!regions) return {};
      open.held.front().result.hidden = *std::move(regions);
    }
    Held held = std::move(open.held.front());
    open.held.pop_front();
    if (!held.frame) {
      TRY(write(open, held.result, nullptr));
      continue;
    }
    TRY(hand_out(source, open, held));
    if (settings_.view != nullptr) {
      settings_.view->publish(source, {*std::move(held.frame), std::move(held.result)},
                              open.superseded);
    }
  }
  return {};
}

// Writes the frame, and books it.
Result<void> ResultConsumer::hand_out(std::size_t source, Open& open, const Held& held) {
  const ConsumedSource& consumed = sources_[source];
  const FrameResult& result = held.result;
  if (Result<void> written = write(open, result, &*held.frame); !written) {
    consumed.ledger->drop(DropReason::interrupted);
    return written;
  }
  SourceReport& report = *consumed.report;
  if (held.failed) {
    consumed.ledger->drop(DropReason::failed);
    if (!report.error)
      report.error = "frame " + std::to_string(*result.frame) + ": " + result.error;
  } else {
    consumed.ledger->deliver();
  }
  const std::size_t face_count = result.faces.size();
  report.faces += static_cast<std::int64_t>(face_count);
  report.persons += static_cast<std::int64_t>(result.persons.size());
  const auto latency = arrival_now() - held.frame->times().arrival;
  latency_.add(latency);
  open.latency.add(latency);
  settings_.progress->deliver(face_count);
  if (consumed.live) {
    const std::int64_t before =
        std::exchange(open.superseded, consumed.ledger->dropped(DropReason::superseded));
    settings_.progress->deliver_live(static_cast<std::uint64_t>(open.superseded - before),
                                     *result.latency_ms);
  }
  log(LogLevel::trace, [&] {
    return "frame " + std::to_string(*result.frame) + " of '" + consumed.name +
           "': " + std::to_string(face_count) + " faces, " +
           std::to_string(std::chrono::duration<double, std::milli>(latency).count()) +
           " ms after its arrival";
  });
  return {};
}

Result<void> ResultConsumer::end(std::size_t source, SourceEnd end) {
  SourceReport& report = *sources_[source].report;
  report.interrupted = end.interrupted;
  if (end.error) report.error = end.error->message();
  if (settings_.view != nullptr)
    settings_.view->end(source, report.error ? ViewPhase::failed : ViewPhase::ended);
  if (open_[source]) {
    TRY(release(source, *open_[source], true));
    TRY(write_held_back(source));
  }
  const std::unique_ptr<Open> open = std::move(open_[source]);
  if (!open) return {};  // It never began.
  report.wall_s =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - open->begun).count();
  report.latency_p50_ms = open->latency.quantile_ms(0.50);
  report.latency_p95_ms = open->latency.quantile_ms(0.95);
  report.latency_p99_ms = open->latency.quantile_ms(0.99);
  settings_.progress->end_source();
  return open->outputs.finish(report.interrupted || report.error ? Completion::partial
                                                                 : Completion::complete);
}

// Once: what failed is not tried again.
Result<void> ResultConsumer::write_held_back(std::size_t source) {
  Open& open = *open_[source];
  std::optional<SecondPass> second_pass = std::exchange(open.second_pass, std::nullopt);
  if (!second_pass) return {};
  const StageTimer timer(output_stage_);
  sources_[source].report->held_back =
      TRY(second_pass->write(settings_.openface->predictors, open.outputs));
  return {};
}

void ResultConsumer::track_and_smooth(Open& open, FrameResult& result) const {
  if (result.discontinuity) {
    open.face_tracker.reset();
    open.person_tracker.reset();
    open.person_linker.reset();
    open.face_smoother.reset();
    open.person_smoother.reset();
    open.action_units.reset();
    if (open.openface) open.openface->reset();
  }
  open.face_tracker.update(result.faces, result.time);
  open.person_tracker.update(result.persons, result.time);
  // Before smoothing, which lags behind by a little and not by the same for both.
  open.person_linker.link(result.faces, result.persons, result.time);
  if (settings_.smoothing) {
    open.face_smoother.smooth(result.faces, result.time);
    open.person_smoother.smooth(result.persons, result.time);
  }
}

void ResultConsumer::estimate_action_units(Open& open, FrameResult& result) {
  if (open.openface) {
    OpenFaceHistory* history = open.second_pass ? &open.second_pass->begin_frame() : nullptr;
    open.openface->estimate(result.faces, result.time, history);
  } else {
    open.action_units.estimate(result.faces, result.time);
  }
}

Result<void> ResultConsumer::write(Open& open, const FrameResult& result, const Frame* frame) {
  if (outputs_ == nullptr) return {};
  const StageTimer timer(output_stage_, result.frame);
  std::optional<Preview> preview;
  if (frame != nullptr && open.outputs.wants_preview()) {
    preview = TRY(preview_of(open, *frame));
    hide_regions(result.hidden, *preview);
  }
  if (!open.second_pass) return open.outputs.write(result, preview ? &*preview : nullptr);
  TRY(open.second_pass->hold(result));
  if (preview) TRY(open.outputs.write_picture(result, *preview));
  return {};
}

Result<Preview> ResultConsumer::preview_of(Open& open, const Frame& frame) {
  if (!open.sampler) open.sampler = TRY(create_sampler(Device{}));
  const Size size = frame.geometry().frame_size();
  open.preview.resize(ElementType::uint8, {1, size.height, size.width, 4});
  // The picture's pixels are the tensor's.
  const Affine<UprightPx, FramePx> map = frame.geometry().frame_from_upright().inverse();
  const Affine<UprightPx, TensorPx> upright_from_tensor{map.xx, map.xy, map.x0,
                                                        map.yx, map.yy, map.y0};
  constexpr SampleSpec kSpec{
      .layout = TensorLayout::nhwc, .channels = ChannelOrder::bgrx, .type = ElementType::uint8};
  const TensorView view = open.preview.view();
  TRY(open.sampler->sample(frame, upright_from_tensor, kSpec, view));
  return Preview{static_cast<std::byte*>(view.data), std::ptrdiff_t{4} * size.width, size};
}

}  // namespace retinue
