/// Everything that a source holds, for tests.
#pragma once

#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <gtest/gtest.h>

#include "decode/video_decoder.hpp"
#include "source/packet_source.hpp"
#include "source/source_list.hpp"

namespace retinue {

struct Decoded {
  std::vector<Frame> frames;
  std::vector<DecodeFailure> failures;
};

inline Decoded decode_all(const SourceSpec& spec, const DecoderSettings& settings = {}) {
  Decoded decoded;
  Result<std::unique_ptr<PacketSource>> source = open_source(spec);
  if (!source) {
    ADD_FAILURE() << source.error().message();
    return decoded;
  }
  Result<VideoDecoder> decoder = VideoDecoder::create((*source)->stream(), settings);
  if (!decoder) {
    ADD_FAILURE() << decoder.error().message();
    return decoded;
  }
  std::vector<StreamItem> items;
  for (;;) {
    Result<SourceItem> item = (*source)->read();
    if (!item) {
      ADD_FAILURE() << item.error().message();
      break;
    }
    if (std::holds_alternative<EndOfStream>(*item)) break;
    if (auto* failure = std::get_if<DecodeFailure>(&*item)) {
      items.emplace_back(std::move(*failure));
      continue;
    }
    decoder->decode(std::get<Packet>(*item), items);
  }
  decoder->finish(items);
  for (StreamItem& item : items) {
    if (auto* frame = std::get_if<Frame>(&item)) {
      decoded.frames.push_back(std::move(*frame));
    } else {
      decoded.failures.push_back(std::get<DecodeFailure>(std::move(item)));
    }
  }
  return decoded;
}

/// Of one file.
inline Decoded decode_all(const std::string& path, const DecoderSettings& settings = {}) {
  const Result<std::vector<SourceSpec>> specs = expand_source(path);
  if (!specs || specs->size() != 1) {
    ADD_FAILURE() << path << " is not one source";
    return {};
  }
  return decode_all(specs->front(), settings);
}

}  // namespace retinue
