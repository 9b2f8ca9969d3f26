/// A model loaded on a device.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "tensor/stream.hpp"
#include "tensor/tensor.hpp"

namespace retinue {

/// An input or output of a model. Open axes are -1.
struct TensorDescription {
  std::string name;
  ElementType type = ElementType::float32;
  Shape shape;
};

struct SessionSettings {
  /// Only the CPU so far.
  Device device;
  /// Threads of one run. 1: the caller's own thread, so that lanes scale over cores without
  /// oversubscription.
  int intra_op_threads = 1;
};

/// Thread-safe: lanes share a session on the CPU.
class Session {
 public:
  /// `model` is an ONNX file's content, borrowed for the call. `name` is used in messages.
  ///
  /// Errors  corrupt_input: ONNX Runtime cannot load it; unsupported: an element type or rank that
  ///         TensorView cannot say, or a device that is not the CPU; and those of
  ///         load_inference_runtime.
  static Result<std::unique_ptr<Session>> create(std::string_view name,
                                                 std::span<const std::byte> model,
                                                 const SessionSettings& settings = {});
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;
  Session(Session&&) = delete;
  Session& operator=(Session&&) = delete;

  const std::string& name() const;
  std::span<const TensorDescription> inputs() const;
  std::span<const TensorDescription> outputs() const;

  /// The outputs' shapes for these inputs, in the order of `outputs()`. Found by running the model
  /// once on zeros, so it is also the warm-up; ask once for each input shape and keep the answer.
  ///
  /// Errors  invalid_argument: the model does not run on these shapes.
  Result<std::vector<Shape>> output_shapes(std::span<const Shape> input_shapes) const;

  /// Runs the model: `inputs` and `outputs` in the order of the descriptions, with closed shapes,
  /// in the device's memory. Enqueues on `stream`; they must stay alive until it passes.
  ///
  /// Errors  invalid_argument: shapes or types that the model does not take.
  Result<void> run(std::span<const TensorView> inputs, std::span<const TensorView> outputs,
                   Stream& stream) const;

 private:
  struct State;
  explicit Session(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace retinue
