/// A Kalman filter for the box of one moving object.
#pragma once

#include "geometry/box.hpp"

namespace retinue {

/// A quantity and its rate, which is constant but for noise. Thread-bound.
struct ConstantVelocityFilter {
  double value = 0;
  double rate = 0;  ///< A second.
  // Covariance of (value, rate).
  double value_variance = 0;
  double covariance = 0;
  double rate_variance = 0;

  /// White noise of the given densities (variance a second) on value and rate.
  void predict(double interval_s, double value_noise, double rate_noise);
  void correct(double measured, double variance);
};

/// Centre, aspect and height of a box, each with constant velocity: the state of SORT and ByteTrack
/// (Bewley et al., "Simple Online and Realtime Tracking", ICIP 2016; Zhang et al., "ByteTrack",
/// ECCV 2022). Its noises are diagonal, so its eight dimensions are four filters of two.
///
/// Deviation: noises grow with time instead of frames, so that gaps and changing rates are handled;
/// at 30 frames a second they are ByteTrack's, with the height as unit.
template <typename Space>
class BoxFilter {
 public:
  explicit BoxFilter(const Box<Space>& first);

  /// Moves on by `interval_s` ≥ 0. `hidden`: the object is out of sight, and its shape is held.
  void predict(double interval_s, bool hidden);

  void correct(const Box<Space>& measured);

  Box<Space> box() const;

 private:
  ConstantVelocityFilter center_x_;
  ConstantVelocityFilter center_y_;
  ConstantVelocityFilter aspect_;  ///< Width over height.
  ConstantVelocityFilter height_;
};

}  // namespace retinue
