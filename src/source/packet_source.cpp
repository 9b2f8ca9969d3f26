#include "source/packet_source.hpp"

#include "source/container_source.hpp"
#include "source/image_source.hpp"
#include "source/test_picture_source.hpp"

namespace retinue {

Result<std::unique_ptr<PacketSource>> open_source(const SourceSpec& spec,
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

}  // namespace retinue
