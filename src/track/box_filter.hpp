/// A Kalman filter for the box of one moving object.
#pragma once

#include "geometry/affine.hpp"
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
  /// Value and rate in other units: value' = scale · value + offset.
  void change_units(double scale, double offset);
};

struct BoxFilterSettings {
  /// Standard deviation of what the speed of centre and height may change by in 1/30 s, in heights
  /// a second. ByteTrack's is for persons; faces, which are small beside what they may do, change
  /// theirs more.
  double speed_deviation = 30.0 / 160;
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
  explicit BoxFilter(const Box<Space>& first, const BoxFilterSettings& settings = {});

  /// Moves on by `interval_s` ≥ 0. `hidden`: the object is out of sight, and its shape is held.
  void predict(double interval_s, bool hidden);

  void correct(const Box<Space>& measured);

  /// The camera moved: everything is elsewhere, and as much larger and faster. Uniform scale and
  /// translation only.
  void move(const Affine<Space, Space>& motion);

  Box<Space> box() const;

 private:
  BoxFilterSettings settings_;
  ConstantVelocityFilter center_x_;
  ConstantVelocityFilter center_y_;
  ConstantVelocityFilter aspect_;  ///< Width over height.
  ConstantVelocityFilter height_;
};

}  // namespace retinue
