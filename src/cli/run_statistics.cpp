#include "cli/run_statistics.hpp"

#include <algorithm>
#include <cstdint>
#include <string_view>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "cli/version.hpp"

namespace retinue {

namespace {

using Json = nlohmann::ordered_json;

/// "1 frame", "2 frames".
std::string counted(std::int64_t count, std::string_view noun) {
  return fmt::format("{} {}{}", count, noun, count == 1 ? "" : "s");
}

std::string source_line(const SourceReport& source) {
  if (source.skipped) return fmt::format("  {}: skipped, its outputs are complete\n", source.name);
  std::string line = fmt::format("  {}: {}", source.name, counted(source.delivered, "frame"));
  // A single picture has no rate.
  if (source.delivered > 1 && source.wall_s > 0) {
    line += fmt::format(", {:.1f} fps", static_cast<double>(source.delivered) / source.wall_s);
  }
  line += ", " + counted(source.faces, "face");
  if (source.persons != 0) line += ", " + counted(source.persons, "person");
  for (const auto& [reason, count] : source.dropped)
    line += fmt::format(", {} {}", count, reason);
  if (source.live && source.delivered != 0)
    line += fmt::format(", latency p95 {:.1f} ms", source.latency_p95_ms);
  if (source.undecodable_packets != 0) {
    line += ", " + counted(source.undecodable_packets, "undecodable packet");
  }
  if (source.held_back != 0)
    line += ", " + counted(source.held_back, "record") + " held back to its end";
  if (source.interrupted) line += ", interrupted";
  if (source.error) line += ", failed";
  return line + "\n";
}

Json source_json(const SourceReport& source) {
  Json dropped = Json::object();
  for (const auto& [reason, count] : source.dropped)
    dropped[reason] = count;
  Json json{{"name", source.name},
            {"captured", source.captured},
            {"delivered", source.delivered},
            {"dropped", dropped},
            {"undecodable_packets", source.undecodable_packets},
            {"in_flight", source.in_flight},
            {"live", source.live},
            {"faces", source.faces},
            {"persons", source.persons},
            {"wall_s", source.wall_s},
            {"latency_ms",
             {{"p50", source.latency_p50_ms},
              {"p95", source.latency_p95_ms},
              {"p99", source.latency_p99_ms}}}};
  if (source.held_back != 0) json["held_back"] = source.held_back;
  if (source.skipped) json["skipped"] = true;
  if (source.interrupted) json["interrupted"] = true;
  if (source.error) json["error"] = *source.error;
  return json;
}

}  // namespace

std::string statistics_text(const RunReport& report) {
  std::string text;
  const std::int64_t frames = report.frames();
  // A folder of a thousand pictures is summed up, not listed.
  constexpr std::size_t kListedSources = 20;
  if (report.sources.size() <= kListedSources) {
    for (const SourceReport& source : report.sources)
      text += source_line(source);
  }
  text += fmt::format("{} in {:.1f} s: {:.1f} fps, {:.1f} CPU s, peak memory {} MB\n",
                      counted(frames, "frame"), report.wall_s,
                      report.wall_s > 0 ? static_cast<double>(frames) / report.wall_s : 0,
                      report.cpu_s, report.peak_rss_bytes / 1'000'000);
  if (frames != 0) {
    text += fmt::format("latency p50 {:.1f} p95 {:.1f} p99 {:.1f} ms;", report.latency_p50_ms,
                        report.latency_p95_ms, report.latency_p99_ms);
    for (const StageReport& stage : report.stages) {
      text += fmt::format(" {} {:.2f} ms x {};", stage.name, stage.ms_per_call, stage.calls);
    }
    text.back() = '\n';
  }
  return text;
}

std::string statistics_json(const RunReport& report) {
  Json stages = Json::object();
  for (const StageReport& stage : report.stages) {
    stages[stage.name] = {{"calls", stage.calls}, {"ms_per_call", stage.ms_per_call}};
  }
  const auto pool_json = [](const PoolStatistics& pool) {
    return Json{{"created", pool.created}, {"in_use", pool.in_use}, {"peak", pool.peak}};
  };
  const TensorStatistics& tensors = report.pools.tensors;
  const Json pools{{"pictures", pool_json(report.pools.pictures)},
                   {"frames", pool_json(report.pools.frames)},
                   {"tensors",
                    {{"count", tensors.tensors},
                     {"bytes", tensors.bytes},
                     {"allocations", tensors.allocations}}}};
  Json models = Json::array();
  for (const ModelReport& model : report.models) {
    models.push_back({{"task", model.task}, {"name", model.name}, {"sha256", model.sha256}});
  }
  Json sources = Json::array();
  for (const SourceReport& source : report.sources)
    sources.push_back(source_json(source));
  const std::int64_t frames = report.frames();
  const Json json{
      {"retinue", kVersion},
      {"onnxruntime", report.inference_version},
      {"options",
       {{"tasks", report.tasks},
        {"fov_deg", report.horizontal_fov_deg},
        {"lanes", report.lanes},
        {"sequential", report.sequential}}},
      {"models", models},
      {"sources", sources},
      {"frames", frames},
      {"frames_per_s", report.wall_s > 0 ? static_cast<double>(frames) / report.wall_s : 0},
      {"stages", stages},
      {"pools", pools},
      {"latency_ms",
       {{"p50", report.latency_p50_ms},
        {"p95", report.latency_p95_ms},
        {"p99", report.latency_p99_ms}}},
      {"wall_s", report.wall_s},
      {"cpu_s", report.cpu_s},
      {"peak_rss_bytes", report.peak_rss_bytes},
      {"interrupted", report.interrupted}};
  // File names need not be UTF-8.
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace retinue
