/// Sessions with the inputs and outputs of a model family that compute nothing.
#pragma once

#include <initializer_list>
#include <memory>
#include <stdexcept>

#include "infer/session.hpp"
#include "models/tiny_graph.hpp"

namespace retinue {

/// One float input of this shape, passed on to one output. An extent of 0 is an open axis.
inline std::shared_ptr<const Session> session_with_input(
    std::initializer_list<std::int64_t> shape) {
  TinyGraph graph;
  graph.input("x", shape).output("y", shape).node("Identity", {"x"}, "y");
  for (onnx::ValueInfoProto* value : {graph.model().mutable_graph()->mutable_input(0),
                                      graph.model().mutable_graph()->mutable_output(0)}) {
    int axis = 0;
    for (auto& dim :
         *value->mutable_type()->mutable_tensor_type()->mutable_shape()->mutable_dim()) {
      if (dim.dim_value() == 0) dim.set_dim_param("axis" + std::to_string(axis));
      ++axis;
    }
  }
  Result<std::unique_ptr<Session>> session = Session::create("tiny", graph.bytes());
  if (!session) throw std::runtime_error(session.error().message());
  return *std::move(session);
}

}  // namespace retinue
