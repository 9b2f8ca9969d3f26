#include "task/face_picture_task.hpp"

#include <string>
#include <utility>

namespace retinue {

namespace {

class FacePictureStep final : public Step {
 public:
  FacePictureStep(const FacePictureTask& task, std::shared_ptr<const Session> session,
                  const Shape& shape)
      : task_(task),
        session_(std::move(session)),
        shape_(shape),
        size_{static_cast<int>(shape[3]), static_cast<int>(shape[2])} {}

  std::string_view name() const override { return task_.name; }
  const Session* session() const override { return session_.get(); }
  std::size_t request_count(const FrameAnalysis& analysis) const override {
    return analysis.faces.size();
  }
  Shape input_shape(const FrameAnalysis&) const override { return shape_; }

  Result<void> prepare(const FrameAnalysis& analysis, std::size_t request, Sampler& sampler,
                       TensorView input) const override {
    return sampler.sample(analysis.frame, task_.place(analysis.faces[request], size_), task_.spec,
                          input);
  }

  Result<void> postprocess(FrameAnalysis& analysis, std::size_t request,
                           std::span<const TensorView> outputs) const override {
    return task_.read(outputs, analysis.faces[request]);
  }

 private:
  FacePictureTask task_;
  std::shared_ptr<const Session> session_;
  Shape shape_;  ///< Of one request.
  Size size_;
};

}  // namespace

Result<std::unique_ptr<Step>> create_face_picture_step(const FacePictureTask& task,
                                                       std::shared_ptr<const Session> session) {
  const TensorDescription& input = session->inputs()[0];
  const std::int64_t channels = task.spec.channels == ChannelOrder::grey ? 1 : 3;
  Shape shape = input.shape;
  if (shape.rank() == 4) {
    shape[0] = 1;
    for (const std::size_t axis : {std::size_t{2}, std::size_t{3}}) {
      if (shape[axis] < 0) shape[axis] = task.open_side;
    }
  }
  if (session->inputs().size() != 1 || input.type != ElementType::float32 || shape.rank() != 4 ||
      shape[1] != channels || shape[2] != shape[3]) {
    return fail(ErrorCode::unsupported, "preparing the model '" + session->name() + "' for " +
                                            std::string(task.name) + ": found the input " +
                                            std::string(name_of(input.type)) +
                                            to_string(input.shape) + ", need one of float32[N," +
                                            std::to_string(channels) + ",S,S]");
  }
  return std::make_unique<FacePictureStep>(task, std::move(session), shape);
}

}  // namespace retinue
