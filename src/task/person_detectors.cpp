#include "task/person_detectors.hpp"

#include <algorithm>
#include <array>

#include "postprocess/blazepose.hpp"
#include "postprocess/detr.hpp"
#include "postprocess/fastestdet.hpp"
#include "postprocess/nanodet.hpp"
#include "postprocess/yolo.hpp"
#include "postprocess/yolox.hpp"

namespace retinue {

namespace {

using Colors = std::array<float, 3>;

constexpr float kUnit = 1.0F / 255;
constexpr Colors kZero{};
constexpr Colors kOne{1, 1, 1};
constexpr Colors kUnits{kUnit, kUnit, kUnit};
constexpr Colors kMiddle{127.5F, 127.5F, 127.5F};
constexpr Colors kSigned{1 / 127.5F, 1 / 127.5F, 1 / 127.5F};
constexpr Colors kImageNetMean{123.675F, 116.28F, 103.53F};
constexpr Colors kImageNetScale{1 / 58.395F, 1 / 57.12F, 1 / 57.375F};

/// In the order R, G, B, as SampleSpec has them.
constexpr SampleSpec spec(ChannelOrder channels, const Colors& mean, const Colors& scale,
                          float border) {
  return {.channels = channels,
          .mean = mean,
          .scale = scale,
          .border = Border::constant,
          .border_value = border};
}

/// Grey letterboxes are 114, as in YOLO's.
constexpr SampleSpec kYolo = spec(ChannelOrder::rgb, kZero, kUnits, 114);
constexpr SampleSpec kYolox = spec(ChannelOrder::bgr, kZero, kOne, 114);

/// Families whose boxes say themselves where they are.
template <auto Read>
Result<void> sizeless(std::span<const TensorView> outputs, Size /*input*/,
                      const PersonDetectionSettings& settings,
                      std::vector<PersonDetection>& persons) {
  return Read(outputs, settings, persons);
}

constexpr std::array kDetectors{
    PersonDetector{ModelFamily::yolox, PictureFit::top_left, kYolox, 0.4F, 0.65F, yolox_persons},
    PersonDetector{ModelFamily::yolox_decoded, PictureFit::top_left, kYolox, 0.4F, 0.65F,
                   sizeless<yolox_decoded_persons>},
    PersonDetector{ModelFamily::nanodet, PictureFit::centered,
                   spec(ChannelOrder::bgr, kImageNetMean, kImageNetScale, 0), 0.4F, 0.6F,
                   nanodet_persons},
    PersonDetector{ModelFamily::picodet, PictureFit::stretched,
                   spec(ChannelOrder::rgb, kImageNetMean, kImageNetScale, 0), 0.4F, 0.6F,
                   nanodet_persons},
    PersonDetector{ModelFamily::fastestdet, PictureFit::stretched,
                   spec(ChannelOrder::bgr, kZero, kUnits, 0), 0.5F, 0.45F, fastestdet_persons},
    PersonDetector{ModelFamily::rtdetr, PictureFit::stretched,
                   spec(ChannelOrder::rgb, kZero, kUnits, 0), 0.5F, 1.0F, detr_persons},
    PersonDetector{ModelFamily::blazepose_detector, PictureFit::centered,
                   spec(ChannelOrder::rgb, kMiddle, kSigned, 0), 0.5F, 0.3F,
                   sizeless<blazepose_persons>},
    PersonDetector{ModelFamily::yolov5, PictureFit::centered, kYolo, 0.4F, 0.65F,
                   sizeless<yolov5_persons>},
    PersonDetector{ModelFamily::yolov8, PictureFit::centered, kYolo, 0.4F, 0.65F,
                   sizeless<yolov8_persons>},
    PersonDetector{ModelFamily::yolov10, PictureFit::centered, kYolo, 0.4F, 0.65F,
                   sizeless<yolov10_persons>},
    PersonDetector{ModelFamily::yolo_pose, PictureFit::centered, kYolo, 0.4F, 0.65F,
                   sizeless<yolo_pose_persons>},
    PersonDetector{ModelFamily::yolov10_pose, PictureFit::centered, kYolo, 0.4F, 0.65F,
                   sizeless<yolov10_persons>},
};

}  // namespace

const PersonDetector* person_detector_of(ModelFamily family) {
  const auto* const found = std::ranges::find(kDetectors, family, &PersonDetector::family);
  return found == kDetectors.end() ? nullptr : found;
}

}  // namespace retinue
