#include "track/box_filter.hpp"

#include <array>
#include <cmath>

#include <gtest/gtest.h>

#include "geometry/space.hpp"

namespace retinue {
namespace {

using Matrix = std::array<std::array<double, 2>, 2>;

Matrix product(const Matrix& a, const Matrix& b) {
  Matrix c{};
  for (std::size_t i = 0; i < 2; ++i) {
    for (std::size_t j = 0; j < 2; ++j) {
      for (std::size_t k = 0; k < 2; ++k)
        c[i][j] += a[i][k] * b[k][j];
    }
  }
  return c;
}

/// The filter as the books write it: x = F x, P = F P Fᵀ + Q; K = P Hᵀ / (H P Hᵀ + R), x += K (z -
/// H x), P = (I - K H) P, with H = (1, 0).
struct PlainFilter {
  std::array<double, 2> x{};
  Matrix P{};

  void predict(double dt, double q_value, double q_rate) {
    const Matrix F = {{{1, dt}, {0, 1}}};
    const Matrix Ft = {{{1, 0}, {dt, 1}}};
    x = {x[0] + dt * x[1], x[1]};
    P = product(product(F, P), Ft);
    P[0][0] += q_value * dt + q_rate * dt * dt * dt / 3;
    P[0][1] += q_rate * dt * dt / 2;
    P[1][0] += q_rate * dt * dt / 2;
    P[1][1] += q_rate * dt;
  }
  void correct(double z, double r) {
    const double s = P[0][0] + r;
    const std::array<double, 2> K = {P[0][0] / s, P[1][0] / s};
    const double y = z - x[0];
    x = {x[0] + K[0] * y, x[1] + K[1] * y};
    const Matrix I_KH = {{{1 - K[0], 0}, {-K[1], 1}}};
    P = product(I_KH, P);
  }
};

TEST(ConstantVelocityFilter, EqualsTheMatricesOfTheBooks) {
  ConstantVelocityFilter filter{
      .value = 3, .rate = -1, .value_variance = 4, .covariance = 0.5, .rate_variance = 9};
  PlainFilter plain{{3, -1}, {{{4, 0.5}, {0.5, 9}}}};
  const std::array<double, 5> intervals = {0.033, 0.4, 0, 1.5, 0.01};
  double measured = 3;
  for (const double dt : intervals) {
    filter.predict(dt, 0.7, 2.5);
    plain.predict(dt, 0.7, 2.5);
    measured += 0.8;
    filter.correct(measured, 1.3);
    plain.correct(measured, 1.3);
    EXPECT_NEAR(filter.value, plain.x[0], 1e-9);
    EXPECT_NEAR(filter.rate, plain.x[1], 1e-9);
    EXPECT_NEAR(filter.value_variance, plain.P[0][0], 1e-9);
    EXPECT_NEAR(filter.covariance, plain.P[0][1], 1e-9);
    EXPECT_NEAR(filter.rate_variance, plain.P[1][1], 1e-9);
  }
}

TEST(ConstantVelocityFilter, ManyShortPredictionsAreOneLong) {
  const ConstantVelocityFilter begin{
      .value = 3, .rate = 2, .value_variance = 4, .covariance = 0.5, .rate_variance = 9};
  ConstantVelocityFilter once = begin;
  ConstantVelocityFilter often = begin;
  once.predict(1, 0.7, 2.5);
  for (int i = 0; i < 100; ++i)
    often.predict(0.01, 0.7, 2.5);
  EXPECT_NEAR(often.value, once.value, 1e-9);
  EXPECT_NEAR(often.value_variance, once.value_variance, 1e-9);
  EXPECT_NEAR(often.covariance, once.covariance, 1e-9);
  EXPECT_NEAR(often.rate_variance, once.rate_variance, 1e-9);
}

using FrameBox = Box<FramePx>;

TEST(BoxFilter, BeginsWithTheFirstBox) {
  const FrameBox box = BoxFilter<FramePx>({10, 20, 30, 60}).box();
  EXPECT_NEAR(box.x, 10, 1e-3);
  EXPECT_NEAR(box.y, 20, 1e-3);
  EXPECT_NEAR(box.width, 30, 1e-3);
  EXPECT_NEAR(box.height, 60, 1e-3);
}

TEST(BoxFilter, ExpectsABoxThatMovesSteadilyWhereItWillBe) {
  BoxFilter<FramePx> filter({0, 0, 50, 100});
  for (int i = 1; i <= 60; ++i) {
    filter.predict(1.0 / 30, false);
    filter.correct({static_cast<float>(i) * 4, 0, 50, 100});
  }
  filter.predict(0.5, true);
  // 120 pixels a second from 240 on.
  EXPECT_NEAR(filter.box().x, 300, 6);
  EXPECT_NEAR(filter.box().y, 0, 1);
  EXPECT_NEAR(filter.box().height, 100, 1);
}

TEST(BoxFilter, HoldsTheShapeOfWhatIsOutOfSight) {
  BoxFilter<FramePx> filter({0, 0, 50, 100});
  for (int i = 1; i <= 30; ++i) {
    filter.predict(1.0 / 30, false);
    filter.correct({0, 0, 50 + static_cast<float>(i), 100 + 2 * static_cast<float>(i)});
  }
  const float height = filter.box().height;
  filter.predict(1, true);
  EXPECT_NEAR(filter.box().height, height, 0.01);
}

TEST(BoxFilter, AHigherSpeedDeviationFollowsAChangeOfSpeedSooner) {
  const auto error_after_a_start = [](double speed_deviation) {
    BoxFilter<FramePx> filter({0, 0, 100, 100}, {.speed_deviation = speed_deviation});
    for (int i = 1; i <= 30; ++i) {
      filter.predict(1.0 / 30, false);
      filter.correct({0, 0, 100, 100});
    }
    for (int i = 1; i <= 4; ++i) {
      filter.predict(1.0 / 30, false);
      filter.correct({40.0F * static_cast<float>(i), 0, 100, 100});
    }
    filter.predict(1.0 / 30, false);
    return std::abs(filter.box().x - 200);
  };
  EXPECT_LT(error_after_a_start(1.5), 15);
  EXPECT_GT(error_after_a_start(30.0 / 160), 30);
}

TEST(BoxFilter, MovesWithTheCameraAndKeepsItsSpeedInTheNewView) {
  BoxFilter<FramePx> still({100, 200, 50, 100});
  BoxFilter<FramePx> moved({100, 200, 50, 100});
  for (int i = 1; i <= 30; ++i) {
    const FrameBox box = {100 + 4 * static_cast<float>(i), 200, 50, 100};
    for (BoxFilter<FramePx>* filter : {&still, &moved}) {
      filter->predict(1.0 / 30, false);
      filter->correct(box);
    }
  }
  const Affine<FramePx, FramePx> zoom{.xx = 1.5, .x0 = -40, .yy = 1.5, .y0 = 7};
  moved.move(zoom);
  still.predict(0.4, false);
  moved.predict(0.4, false);
  const FrameBox expected = bounds(zoom, still.box());
  EXPECT_NEAR(moved.box().x, expected.x, 1e-2);
  EXPECT_NEAR(moved.box().y, expected.y, 1e-2);
  EXPECT_NEAR(moved.box().width, expected.width, 1e-2);
  EXPECT_NEAR(moved.box().height, expected.height, 1e-2);
}

TEST(BoxFilter, NeverTurnsABoxInsideOut) {
  BoxFilter<FramePx> filter({0, 0, 50, 100});
  for (int i = 1; i <= 10; ++i) {
    filter.predict(1.0 / 30, false);
    filter.correct({0, 0, 50 - 4 * static_cast<float>(i), 100 - 9 * static_cast<float>(i)});
  }
  filter.predict(10, false);
  EXPECT_GT(filter.box().height, 0);
  EXPECT_GE(filter.box().width, 0);
}

TEST(BoxFilter, TakesABoxWithoutExtent) {
  BoxFilter<FramePx> filter({5, 5, 0, 0});
  filter.predict(0.1, false);
  filter.correct({5, 5, 0, 0});
  EXPECT_NEAR(filter.box().center().x, 5, 0.1);
}

}  // namespace
}  // namespace retinue
