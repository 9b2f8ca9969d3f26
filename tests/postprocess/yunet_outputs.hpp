/// Outputs of a YuNet, made in a test.
#pragma once

#include <cmath>
#include <cstdint>
#include <span>
#include <vector>

#include "geometry/box.hpp"
#include "tensor/tensor.hpp"
#include "tensor/views_of.hpp"

namespace retinue {

/// The twelve outputs for one input size, all 0: no face.
class YunetOutputs {
 public:
  enum class Kind : std::uint8_t { cls, obj, bbox, kps };

  explicit YunetOutputs(Size input) : input_(input) {
    for (const std::int64_t values : {1, 1, 4, 10}) {
      for (const int stride : {8, 16, 32}) {
        Tensor& tensor = tensors_.emplace_back(
            ElementType::float32,
            Shape{1, std::int64_t{input.width / stride} * (input.height / stride), values});
        for (float& value : tensor.floats())
          value = 0;
      }
    }
  }

  Size input() const { return input_; }

  /// The numbers of one cell.
  std::span<float> cell(Kind kind, int stride, int column, int row) {
    constexpr std::size_t kStrideCount = 3;
    const std::size_t s = stride == 8 ? 0 : stride == 16 ? 1 : 2;
    const Tensor& tensor = tensors_[static_cast<std::size_t>(kind) * kStrideCount + s];
    const auto values = static_cast<std::size_t>(tensor.shape()[2]);
    const auto index =
        static_cast<std::size_t>(row) * static_cast<std::size_t>(input_.width / stride) +
        static_cast<std::size_t>(column);
    return tensor.floats().subspan(index * values, values);
  }

  /// A face of this score whose centre is the cell's corner, `side` pixels wide and high.
  void put_face(int stride, int column, int row, float score, float side);

  std::vector<Tensor>& tensors() { return tensors_; }
  std::vector<TensorView> views() const { return views_of(tensors_); }

 private:
  Size input_;
  std::vector<Tensor> tensors_;
};

inline void YunetOutputs::put_face(int stride, int column, int row, float score, float side) {
  cell(Kind::cls, stride, column, row)[0] = score;
  cell(Kind::obj, stride, column, row)[0] = score;
  const std::span<float> box = cell(Kind::bbox, stride, column, row);
  box[2] = box[3] = std::log(side / static_cast<float>(stride));
}

}  // namespace retinue
