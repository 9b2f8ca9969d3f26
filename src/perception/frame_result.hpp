/// What we say about one frame: the record that every sink receives.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "geometry/box.hpp"
#include "perception/face.hpp"
#include "perception/hidden_region.hpp"
#include "perception/person.hpp"
#include "perception/task_set.hpp"

namespace retinue {

/// Pixels are FramePx: the picture as stored, after display rotation.
struct FrameResult {
  /// As given by the user or found in a folder; passwords masked. Never null.
  std::shared_ptr<const std::string> source;
  /// Absent for a packet that could not be decoded; then `error` says why.
  std::optional<std::uint64_t> frame;
  MediaTime time;
  std::string error;
  Size size;
  bool discontinuity = false;
  /// Decides which keys the record has.
  TaskSet tasks;
  std::vector<Face> faces;
  std::vector<Person> persons;
  /// Not of the record: what its picture may not show. Pictures are made unrecognisable there
  /// before anything is drawn on them.
  std::vector<HiddenRegion> hidden;
  /// Live sources only.
  std::optional<CaptureTime> captured_at;
  std::optional<double> latency_ms;
};

/// Appends `result` as one JSON object without a line end, as the contract of the records says.
/// Coordinates and angles have 2 decimals, times 6, intensities 3; scores, blendshapes, emotions
/// and embeddings 4.
void append_json(std::string& out, const FrameResult& result);

}  // namespace retinue
