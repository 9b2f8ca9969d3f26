// Time of one sample() call for the pictures and tensors that the tasks ask for.
#include <algorithm>
#include <array>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include <benchmark/benchmark.h>

#include "preprocess/sampler.hpp"

namespace retinue {
namespace {

/// A picture of noise: the worst content for caches and branch predictors alike.
class NoisePicture {
 public:
  NoisePicture(PixelFormat format, Size size) {
    const PixelFormatLayout& layout = layout_of(format);
    Frame::Settings settings{.format = format, .geometry = {.stored = size}};
    std::mt19937 random(1);
    for (std::size_t i = 0; i < layout.component_count(); ++i) {
      const Component& component = layout.components[i];
      std::vector<std::byte>& bytes = planes_[component.plane];
      const int width = subsampled(size.width, component.log2_x);
      const int height = subsampled(size.height, component.log2_y);
      const int stride = width * component.step_bytes;
      bytes.resize(static_cast<std::size_t>(stride) * static_cast<std::size_t>(height));
      std::generate(bytes.begin(), bytes.end(), [&] { return static_cast<std::byte>(random()); });
      settings.planes[component.plane] = {bytes.data(), stride};
    }
    frame_ = std::make_unique<Frame>(settings);
  }

  const Frame& frame() const { return *frame_; }

 private:
  std::array<std::vector<std::byte>, 3> planes_;
  std::unique_ptr<Frame> frame_;
};

void run(benchmark::State& state, const NoisePicture& picture, const SampleSpec& spec, Size size,
         const Affine<UprightPx, TensorPx>& map) {
  const auto sampler = create_sampler({}).value();
  const bool planar = spec.layout == TensorLayout::nchw;
  Tensor out(spec.type,
             planar ? Shape{1, 3, size.height, size.width} : Shape{1, size.height, size.width, 3});
  for (auto _ : state) {
    if (!sampler->sample(picture.frame(), map, spec, out.view())) {
      state.SkipWithError("sample() failed");
      break;
    }
    benchmark::ClobberMemory();
  }
}

/// A turned square region of a 1280x720 picture for the mesh: 256x256, [0, 1].
void mesh_region(benchmark::State& state) {
  const auto format = static_cast<PixelFormat>(state.range(0));
  const auto side = static_cast<float>(state.range(1));
  const NoisePicture picture(format, {1280, 720});
  const RotatedBox<UprightPx> roi{{640, 360}, side, side, 0.35F};
  constexpr float kUnit = 1 / 255.0F;
  state.SetLabel(std::string(layout_of(format).name));
  run(state, picture, {.scale = {kUnit, kUnit, kUnit}}, {256, 256},
      region_from_tensor(roi, {256, 256}));
}
BENCHMARK(mesh_region)
    ->ArgsProduct({{static_cast<int>(PixelFormat::yuv420p), static_cast<int>(PixelFormat::nv12),
                    static_cast<int>(PixelFormat::p010), static_cast<int>(PixelFormat::rgb24),
                    static_cast<int>(PixelFormat::bgra)},
                   {180, 256, 400, 600, 1000}})
    ->Unit(benchmark::kMicrosecond);

/// A whole picture into a wide detector input, with bars above and below.
void letterbox(benchmark::State& state) {
  const Size stored{static_cast<int>(state.range(0)), static_cast<int>(state.range(1))};
  const Size size{static_cast<int>(state.range(2)), static_cast<int>(state.range(3))};
  const auto format = static_cast<PixelFormat>(state.range(4));
  const NoisePicture picture(format, stored);
  const double scale = std::max(static_cast<double>(stored.width) / size.width,
                                static_cast<double>(stored.height) / size.height);
  const Affine<UprightPx, TensorPx> map{.xx = scale,
                                        .x0 = (stored.width - scale * size.width) / 2,
                                        .yy = scale,
                                        .y0 = (stored.height - scale * size.height) / 2};
  state.SetLabel(std::string(layout_of(format).name));
  run(state, picture, {.channels = ChannelOrder::bgr, .border = Border::constant}, size, map);
}
BENCHMARK(letterbox)
    ->Apply([](auto* bench) {
      for (const PixelFormat format :
           {PixelFormat::yuv420p, PixelFormat::nv12, PixelFormat::bgra}) {
        const int f = static_cast<int>(format);
        bench->Args({640, 360, 640, 384, f})
            ->Args({1280, 720, 640, 384, f})
            ->Args({1920, 1080, 640, 384, f})
            ->Args({854, 480, 640, 384, f})
            ->Args({640, 360, 320, 192, f})
            ->Args({1280, 720, 320, 192, f})
            ->Args({3840, 2160, 640, 384, f});
      }
    }) -> Unit(benchmark::kMicrosecond);

/// A picture that was filmed upright, so that its rows are the tensor's columns.
void letterbox_of_phone_video(benchmark::State& state) {
  const NoisePicture noise(PixelFormat::yuv420p, {1280, 720});
  const Affine<UprightPx, TensorPx> map{.xx = 0, .xy = 2, .yx = 2, .yy = 0};
  run(state, noise, {}, {360, 640}, map);
}
BENCHMARK(letterbox_of_phone_video)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace retinue
