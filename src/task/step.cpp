#include "task/step.hpp"

namespace retinue {

std::vector<Shape> Step::output_shapes(const Shape&) const {
  std::vector<Shape> shapes;
  if (session() == nullptr) return shapes;
  for (const TensorDescription& output : session()->outputs()) {
    Shape shape = output.shape;
    if (shape.rank() > 0 && shape[0] < 0) shape[0] = 1;
    shapes.push_back(shape);
  }
  return shapes;
}

Result<void> Step::prepare(const FrameAnalysis&, std::size_t, Sampler&, TensorView) const {
  return {};
}

Result<void> Step::prepare_inputs(const FrameAnalysis& analysis, std::size_t request,
                                  Sampler& sampler, std::span<const TensorView> inputs) const {
  return prepare(analysis, request, sampler, inputs[0]);
}

Result<void> Step::postprocess(FrameAnalysis&, std::size_t, std::span<const TensorView>) const {
  return {};
}

}  // namespace retinue
