/// What travels through a pipeline.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <variant>

#include "base/result.hpp"
#include "frame/frame.hpp"
#include "frame/packet.hpp"
#include "perception/face.hpp"
#include "perception/person.hpp"

namespace retinue {

/// The first item of a source.
struct SourceBegin {
  std::shared_ptr<const StreamDescription> stream;
};

/// The last item of a source, also of one that could not be opened.
struct SourceEnd {
  std::optional<Error> error;  ///< Why it failed; its results so far are good.
  bool interrupted = false;    ///< The run was stopped before the source's end.
};

/// What a producer makes of its source.
using PipelineItem = std::variant<SourceBegin, Frame, DecodeFailure, SourceEnd>;

/// A frame with what was found in it.
struct AnalysedFrame {
  Frame frame{Frame::Settings{}};
  /// In FramePx, neither tracked nor smoothed yet.
  std::vector<Face> faces;
  std::vector<Person> persons;
  /// Why there are no results; the frame counts all the same.
  std::optional<Error> error;
  SpareLandmarks<FramePx> spare_landmarks;  ///< Of frames that were here before.

  /// Gives up the frame and what was found; the memory of its faces stays for the next.
  void release() {
    frame = Frame(Frame::Settings{});
    spare_landmarks.take_from(faces);
    persons.clear();
    error.reset();
  }
};

/// What a consumer gets of each source, in its producer's order.
struct AnalysedItem {
  std::size_t source = 0;  ///< Index in the list of sources.
  std::variant<SourceBegin, AnalysedFrame, DecodeFailure, SourceEnd> content;
};

}  // namespace retinue
