/// Picture files: one, or several as one source.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "source/packet_source.hpp"

namespace retinue {

/// One packet a file, in the order of the files, 25 a second. A file that cannot be read is a
/// DecodeFailure at its place.
class ImageSource final : public PacketSource {
 public:
  /// Errors  as open_source: of the file, if there is one; of the first, if all are unreadable.
  static Result<std::unique_ptr<PacketSource>> open(const SourceSpec& spec,
                                                    const SourceSettings& settings);

  const std::shared_ptr<const StreamDescription>& stream() const override { return stream_; }
  Result<SourceItem> read() override;

 private:
  ImageSource(const SourceSpec& spec, std::vector<std::string> files, SourceSettings settings)
      : name_(spec.name),
        kind_(spec.kind),
        files_(std::move(files)),
        settings_(std::move(settings)) {}

  Result<Packet> read_file(const std::string& path);

  std::string name_;
  SourceKind kind_;
  std::vector<std::string> files_;
  SourceSettings settings_;
  std::shared_ptr<const StreamDescription> stream_;
  std::size_t next_ = 0;
};

}  // namespace retinue
