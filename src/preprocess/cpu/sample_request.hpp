/// What a call of `Sampler::sample` asks for, checked once for every CPU implementation.
#pragma once

#include "base/result.hpp"
#include "frame/frame.hpp"
#include "geometry/affine.hpp"
#include "preprocess/sampler.hpp"
#include "tensor/tensor.hpp"

namespace retinue {

/// A borrow of the picture, the spec and the tensor: valid during the call.
struct SampleRequest {
  HostPicture picture;
  Affine<StoredPx, TensorPx> stored_from_tensor;
  SampleSpec spec;
  Size size;            ///< Of the tensor, in pixels.
  void* out = nullptr;  ///< `size` pixels, laid out as `spec` says.
};

/// Errors  those of `Sampler::sample`.
Result<SampleRequest> checked_request(const Frame& frame,
                                      const Affine<UprightPx, TensorPx>& upright_from_tensor,
                                      const SampleSpec& spec, const TensorView& out);

}  // namespace retinue
