/// What a run did: the closing statistics.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/object_pool.hpp"
#include "base/result.hpp"
#include "tensor/tensor.hpp"

namespace retinue {

struct SourceReport {
  std::string name;
  bool skipped = false;  ///< Its outputs were complete already.
  bool interrupted = false;
  std::optional<std::string> error;
  std::int64_t captured = 0;
  std::int64_t delivered = 0;
  std::vector<std::pair<std::string, std::int64_t>>
      dropped;  ///< Reason and count; only those that happened.
  std::int64_t undecodable_packets = 0;
  std::int64_t faces = 0;    ///< Over all frames.
  std::int64_t persons = 0;  ///< Over all frames.
  double wall_s = 0;         ///< From its opening to its last result.
  /// Records that were written only at its end, because they were corrected then.
  std::int64_t held_back = 0;
  bool live = false;
  std::int64_t in_flight = 0;  ///< 0 once the run is over, or the books are wrong.
  double latency_p50_ms = 0;   ///< From arrival to result.
  double latency_p95_ms = 0;
  double latency_p99_ms = 0;
};

struct StageReport {
  std::string name;
  std::int64_t calls = 0;
  double ms_per_call = 0;
};

/// What a run kept for reuse.
struct PoolReport {
  PoolStatistics pictures;   ///< FFmpeg's frames: the sum over the sources' decoders.
  PoolStatistics frames;     ///< What frames are analysed in.
  TensorStatistics tensors;  ///< The sessions' inputs and outputs: the sum over the lanes.
};

struct ModelReport {
  std::string task;
  std::string name;
  std::string sha256;
};

struct RunReport {
  std::vector<SourceReport> sources;
  std::vector<StageReport> stages;
  std::vector<ModelReport> models;
  PoolReport pools;
  std::string tasks;
  std::string inference_version;
  double horizontal_fov_deg = 0;
  std::size_t lanes = 0;
  bool sequential = false;
  bool interrupted = false;
  double latency_p50_ms = 0;
  double latency_p95_ms = 0;
  double latency_p99_ms = 0;
  double wall_s = 0;            ///< All of it, models and outputs included.
  double processing_s = 0;      ///< From the first packet to the last result.
  double processing_cpu_s = 0;  ///< Of all threads, in that time.
  double cpu_s = 0;
  std::int64_t peak_rss_bytes = 0;

  std::int64_t frames() const;
  bool any_source_failed() const;
};

/// Why a run could not start or go on, in the terms of the exit codes.
struct RunFailure {
  enum class Cause { usage, model, device, output };
  Cause cause = Cause::usage;
  Error error;
};

}  // namespace retinue
