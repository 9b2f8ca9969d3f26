/// An order of work on a device.
#pragma once

#include "tensor/tensor.hpp"

namespace retinue {

/// Work enqueued on one stream runs in order. On the CPU it has run when the call returns and
/// `synchronize` does nothing; other devices derive from it. Thread-bound.
class Stream {
 public:
  virtual ~Stream() = default;
  Stream() = default;
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;
  Stream(Stream&&) = delete;
  Stream& operator=(Stream&&) = delete;

  virtual Device device() const { return {}; }

  /// Waits until all that was enqueued has run.
  virtual void synchronize() {}
};

}  // namespace retinue
