// What a frame allocates, by whom: of ours nothing, once the buffers have grown.
//
// usage: allocation_report VIDEO [FRAMES]
#include <cstdio>
#include <cstdlib>
#include <string>

#include "allocation/allocation_count.hpp"
#include "allocation/counted_run.hpp"
#include "worker/model_loading.hpp"

namespace retinue {
namespace {

void print(const char* what, const AllocationCount& count, std::uint64_t frames) {
  const auto per_frame = [frames](std::int64_t n) {
    return static_cast<double>(n) / static_cast<double>(frames);
  };
  std::printf("%s: %.3f of ours, %.1f of other libraries, a frame\n%s%s", what,
              per_frame(count.own), per_frame(count.others), own_allocations_by_module().c_str(),
              other_allocations_by_library().c_str());
}

Result<void> report(const std::string& video, std::uint64_t frame_count) {
  // Before the first count, which looks up the libraries: this loads ONNX Runtime.
  const RunSettings settings{.tasks = all_tasks()};
  const LoadedModels models = TRY(load_models(settings, {}));
  const AnalysisPlan plan = TRY(create_plan(settings, models));
  const std::vector<SourceSpec> specs = TRY(expand_source(video));
  print("reading and decoding",
        allocations_of_reading(specs.front(), frame_count, 2 * frame_count, false), frame_count);
  const std::vector<Frame> frames = first_frames(video, frame_count);
  if (frames.empty()) return fail(ErrorCode::invalid_argument, "'" + video + "' has no frames");
  for (const Way& way : {Way{.name = "sequential", .sequential = true, .detect_every = 1},
                         Way{.name = "two lanes", .detect_every = 1},
                         Way{.name = "two lanes, detector every 5 frames", .detect_every = 5},
                         Way{.name = "live", .live = true}}) {
    const CountedRun run = TRY(count_rounds(frames, plan, way));
    for (const AllocationCount& round : run.rounds)
      std::printf("  a round of %zu frames: %ld of ours\n", frames.size(), round.own);
    print(way.name.c_str(), run.rounds.back(), frames.size());
  }
  return {};
}

}  // namespace
}  // namespace retinue

int main(int count, char** arguments) {
  if (count < 2) {
    std::fputs("usage: allocation_report VIDEO [FRAMES]\n", stderr);
    return 2;
  }
  const std::uint64_t frames = count > 2 ? std::strtoull(arguments[2], nullptr, 10) : 60;
  const retinue::Result<void> done = retinue::report(arguments[1], frames);
  if (!done) std::fprintf(stderr, "allocation_report: %s\n", done.error().message().c_str());
  return done ? 0 : 1;
}
