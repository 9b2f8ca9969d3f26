#include "source/packet_source.hpp"

#include "source/container_source.hpp"
#include "source/image_source.hpp"
#include "source/paced_source.hpp"
#include "source/test_picture_source.hpp"

namespace retinue {

namespace {

Result<std::unique_ptr<PacketSource>> open_unpaced(const SourceSpec& spec,
                                                   const SourceSettings& settings) {
  switch (spec.kind) {
    case SourceKind::video:
    case SourceKind::stream:
      return ContainerSource::open(spec, settings);
    case SourceKind::image:
    case SourceKind::image_sequence:
      return ImageSource::open(spec, settings);
    case SourceKind::test:
      return TestPictureSource::open(spec, settings);
  }
  __builtin_unreachable();
}

}  // namespace

Result<std::unique_ptr<PacketSource>> open_source(const SourceSpec& spec,
                                                  const SourceSettings& settings) {
  std::unique_ptr<PacketSource> source = TRY(open_unpaced(spec, settings));
  const bool paces_itself = spec.kind == SourceKind::stream && !source->stream()->duration;
  if (!settings.paced || paces_itself) return source;
  return std::unique_ptr<PacketSource>(
      std::make_unique<PacedSource>(std::move(source), settings.stop));
}

}  // namespace retinue
