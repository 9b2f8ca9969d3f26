#include "task/face_detectors.hpp"

#include <algorithm>
#include <array>

#include "postprocess/blazeface.hpp"
#include "postprocess/retinaface.hpp"
#include "postprocess/scrfd.hpp"
#include "postprocess/yunet.hpp"

namespace retinue {

namespace {

constexpr SampleSpec kYunetSpec{
    .channels = ChannelOrder::bgr, .border = Border::constant, .border_value = 0};
constexpr SampleSpec kBlazefaceSpec{.channels = ChannelOrder::rgb,
                                    .mean = {127.5F, 127.5F, 127.5F},
                                    .scale = {1 / 127.5F, 1 / 127.5F, 1 / 127.5F},
                                    .border = Border::constant,
                                    .border_value = 0};
constexpr SampleSpec kScrfdSpec{.channels = ChannelOrder::rgb,
                                .mean = {127.5F, 127.5F, 127.5F},
                                .scale = {1 / 128.0F, 1 / 128.0F, 1 / 128.0F},
                                .border = Border::constant,
                                .border_value = 0};
constexpr SampleSpec kRetinafaceSpec{.channels = ChannelOrder::bgr,
                                     .mean = {123, 117, 104},
                                     .border = Border::constant,
                                     .border_value = 0};

/// `Settings` and `read_faces` of one family.
template <typename Settings, auto read_faces>
Result<void> read(std::span<const TensorView> outputs, Size input, float min_score,
                  std::size_t max_faces, std::vector<FaceIn<TensorPx>>& faces) {
  Settings settings;
  settings.min_score = min_score;
  settings.max_faces = max_faces;
  return read_faces(outputs, input, settings, faces);
}

std::vector<Shape> yunet_output_shapes(const Shape& input) {
  std::vector<Shape> shapes;
  for (const std::int64_t values : {1, 1, 4, 10}) {
    for (const std::int64_t stride : {8, 16, 32})
      shapes.push_back({1, (input[2] / stride) * (input[3] / stride), values});
  }
  return shapes;
}

constexpr std::array kDetectors{
    FaceDetector{ModelFamily::yunet, PictureFit::top_left, kYunetSpec, YunetSettings{}.min_score,
                 read<YunetSettings, yunet_faces>, yunet_output_shapes},
    FaceDetector{ModelFamily::blazeface, PictureFit::centered, kBlazefaceSpec,
                 BlazefaceSettings{}.min_score, read<BlazefaceSettings, blazeface_faces>},
    FaceDetector{ModelFamily::scrfd, PictureFit::top_left, kScrfdSpec, ScrfdSettings{}.min_score,
                 read<ScrfdSettings, scrfd_faces>},
    FaceDetector{ModelFamily::retinaface, PictureFit::top_left, kRetinafaceSpec,
                 RetinafaceSettings{}.min_score, read<RetinafaceSettings, retinaface_faces>},
};

}  // namespace

const FaceDetector* face_detector_of(ModelFamily family) {
  const auto* const found = std::ranges::find(kDetectors, family, &FaceDetector::family);
  return found == kDetectors.end() ? nullptr : found;
}

}  // namespace retinue
