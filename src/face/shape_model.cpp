#include "face/shape_model.hpp"

#include <algorithm>
#include <cassert>
#include <charconv>
#include <cmath>
#include <map>
#include <optional>
#include <string>

#include <Eigen/Cholesky>
#include <Eigen/Core>

#include "face/mat_file.hpp"

namespace retinue {

namespace {

constexpr int kPoints = static_cast<int>(kIbugLandmarkCount);
constexpr int kModes = static_cast<int>(kShapeModeCount);
constexpr int kRigid = 6;
constexpr int kUnknowns = kRigid + kModes;
constexpr int kResiduals = 2 * kPoints + kModes;

using Coordinates = Eigen::Matrix<double, 3, kPoints, Eigen::RowMajor>;
using Unknowns = Eigen::Matrix<double, kUnknowns, 1>;
using Residuals = Eigen::Matrix<double, kResiduals, 1>;
using Jacobian = Eigen::Matrix<double, kResiduals, kUnknowns>;
using ModeMatrix = Eigen::Matrix<double, 3 * kPoints, kModes, Eigen::RowMajor>;

/// Words of the text that are not in comments.
class Words {
 public:
  explicit Words(std::string_view text) : rest_(text) {}

  std::optional<std::string_view> next() {
    for (;;) {
      rest_.remove_prefix(std::min(rest_.find_first_not_of(" \t\r\n"), rest_.size()));
      if (rest_.empty()) return std::nullopt;
      if (rest_.front() != '#') break;
      rest_.remove_prefix(std::min(rest_.find('\n'), rest_.size()));
    }
    const std::string_view word = rest_.substr(0, rest_.find_first_of(" \t\r\n"));
    rest_.remove_prefix(word.size());
    return word;
  }

 private:
  std::string_view rest_;
};

tl::unexpected<Error> corrupt(std::string_view origin, const std::string& found) {
  return fail(ErrorCode::corrupt_input,
              "reading shape model '" + std::string(origin) + "': " + found);
}

Result<double> next_number(Words& words, std::string_view origin, std::string_view matrix) {
  const std::optional<std::string_view> word = words.next();
  if (!word) return corrupt(origin, "it ends inside " + std::string(matrix));
  double value = 0;
  const auto [end, error] = std::from_chars(word->data(), word->data() + word->size(), value);
  if (error != std::errc{} || end != word->data() + word->size() || !std::isfinite(value))
    return corrupt(origin, "found '" + std::string(word->substr(0, 40)) + "' in " +
                               std::string(matrix) + ", expected a number");
  return value;
}

/// Either orientation of a vector is taken.
Result<std::vector<double>> next_matrix(Words& words, std::string_view origin,
                                        std::string_view matrix, std::size_t rows,
                                        std::size_t columns) {
  const double found_rows = TRY(next_number(words, origin, matrix));
  const double found_columns = TRY(next_number(words, origin, matrix));
  const double type = TRY(next_number(words, origin, matrix));
  const auto r = static_cast<double>(rows);
  const auto c = static_cast<double>(columns);
  const bool as_wanted = found_rows == r && found_columns == c;
  const bool as_row = columns == 1 && found_rows == 1 && found_columns == r;
  if ((!as_wanted && !as_row) || type != 6) {
    return corrupt(origin, std::string(matrix) + " is not " + std::to_string(rows) + "x" +
                               std::to_string(columns) + " of type 6 (64-bit numbers)");
  }
  std::vector<double> values(rows * columns);
  for (double& value : values)
    value = TRY(next_number(words, origin, matrix));
  return values;
}

Eigen::Matrix3d turn(int axis, double rad) {
  Eigen::Matrix3d R = Eigen::Matrix3d::Identity();
  const int a = (axis + 1) % 3;
  const int b = (axis + 2) % 3;
  R(a, a) = R(b, b) = std::cos(rad);
  R(a, b) = -std::sin(rad);
  R(b, a) = std::sin(rad);
  return R;
}

/// Derivative of turn(axis, rad) by rad.
Eigen::Matrix3d turn_derivative(int axis, double rad) {
  Eigen::Matrix3d R = Eigen::Matrix3d::Zero();
  const int a = (axis + 1) % 3;
  const int b = (axis + 2) % 3;
  R(a, a) = R(b, b) = -std::sin(rad);
  R(a, b) = -std::cos(rad);
  R(b, a) = std::cos(rad);
  return R;
}

/// The least-squares problem of one face. Unknowns: scale, three angles, x, y, modes.
class Problem {
 public:
  Problem(const Eigen::Map<const Eigen::Matrix<double, 3 * kPoints, 1>>& mean,
          const Eigen::Map<const ModeMatrix>& modes,
          const Eigen::Map<const Eigen::Matrix<double, kModes, 1>>& variances,
          std::span<const Point<UprightPx>, kIbugLandmarkCount> landmarks)
      : mean_(mean), modes_(modes), weights_(variances.cwiseSqrt().cwiseInverse()) {
    for (int i = 0; i < kPoints; ++i) {
      const Point<UprightPx>& point = landmarks[static_cast<std::size_t>(i)];
      targets_(0, i) = static_cast<double>(point.x);
      targets_(1, i) = static_cast<double>(point.y);
    }
  }

  /// The mean shape, upright, as wide as the landmarks.
  Unknowns start() const {
    Unknowns q = Unknowns::Zero();
    const auto mean_x = mean_.head<kPoints>();
    q(0) = (targets_.row(0).maxCoeff() - targets_.row(0).minCoeff()) /
           (mean_x.maxCoeff() - mean_x.minCoeff());
    q.segment<2>(4) = targets_.rowwise().mean();
    return q;
  }

  Residuals residuals(const Unknowns& q) const {
    const Coordinates shape = shape_of(q);
    const Eigen::Matrix3d R = turn(0, q(1)) * turn(1, q(2)) * turn(2, q(3));
    Residuals r;
    const Eigen::Matrix<double, 2, kPoints, Eigen::RowMajor> difference =
        ((q(0) * (R.topRows<2>() * shape)).colwise() + q.segment<2>(4)) - targets_;
    r.segment<kPoints>(0) = difference.row(0).transpose();
    r.segment<kPoints>(kPoints) = difference.row(1).transpose();
    r.tail<kModes>() = q.tail<kModes>().cwiseProduct(weights_);
    return r;
  }

  void jacobian(const Unknowns& q, Jacobian& J) const {
    const Coordinates shape = shape_of(q);
    const std::array<Eigen::Matrix3d, 3> turns = {turn(0, q(1)), turn(1, q(2)), turn(2, q(3))};
    const Eigen::Matrix3d R = turns[0] * turns[1] * turns[2];
    const std::array<Eigen::Matrix3d, 3> derivatives = {
        turn_derivative(0, q(1)) * turns[1] * turns[2],
        turns[0] * turn_derivative(1, q(2)) * turns[2],
        turns[0] * turns[1] * turn_derivative(2, q(3))};
    J.setZero();
    for (int row = 0; row < 2; ++row) {
      auto rows = J.middleRows<kPoints>(Eigen::Index{row} * kPoints);
      rows.col(0) = (R.row(row) * shape).transpose();
      for (int angle = 0; angle < 3; ++angle) {
        rows.col(1 + angle) =
            q(0) * (derivatives[static_cast<std::size_t>(angle)].row(row) * shape).transpose();
      }
      rows.col(4 + row).setOnes();
      rows.rightCols<kModes>() = q(0) * R(row, 0) * modes_.topRows<kPoints>() +
                                 q(0) * R(row, 1) * modes_.middleRows<kPoints>(kPoints) +
                                 q(0) * R(row, 2) * modes_.bottomRows<kPoints>();
    }
    J.bottomRightCorner<kModes, kModes>().diagonal() = weights_;
  }

 private:
  Coordinates shape_of(const Unknowns& q) const {
    const Eigen::Matrix<double, 3 * kPoints, 1> shape = mean_ + modes_ * q.tail<kModes>();
    return Eigen::Map<const Coordinates>(shape.data());
  }

  const Eigen::Map<const Eigen::Matrix<double, 3 * kPoints, 1>>& mean_;
  const Eigen::Map<const ModeMatrix>& modes_;
  Eigen::Matrix<double, kModes, 1> weights_;
  Eigen::Matrix<double, 2, kPoints> targets_;
};

}  // namespace

Result<ShapeModel> ShapeModel::parse(std::string_view text, std::string_view origin) {
  Words words(text);
  ShapeModel model;
  model.mean_ = TRY(next_matrix(words, origin, "the mean", kShapeCoordinateCount, 1));
  model.modes_ =
      TRY(next_matrix(words, origin, "the modes", kShapeCoordinateCount, kShapeModeCount));
  model.variances_ = TRY(next_matrix(words, origin, "the variances", kShapeModeCount, 1));
  TRY(model.check(origin));
  return model;
}

Result<ShapeModel> ShapeModel::read(std::span<const std::byte> bytes, std::string_view origin) {
  if (is_mat_file(bytes)) return from_mat_file(bytes, origin);
  return parse({reinterpret_cast<const char*>(bytes.data()), bytes.size()}, origin);
}

Result<ShapeModel> ShapeModel::from_mat_file(std::span<const std::byte> bytes,
                                             std::string_view origin) {
  const Result<std::map<std::string, MatMatrix>> matrices = read_mat_file(bytes);
  if (!matrices) return corrupt(origin, matrices.error().message());
  ShapeModel model;
  const auto take = [&](const char* name, std::size_t rows, std::size_t columns,
                        std::vector<double>& into) -> Result<void> {
    const auto found = matrices->find(name);
    if (found == matrices->end() || found->second.rows != rows || found->second.columns != columns)
      return corrupt(origin, std::string("it has no matrix ") + name + " of " +
                                 std::to_string(rows) + "x" + std::to_string(columns));
    into.resize(rows * columns);
    for (std::size_t row = 0; row < rows; ++row) {
      for (std::size_t column = 0; column < columns; ++column)
        into[row * columns + column] = found->second.values[column * rows + row];
    }
    return {};
  };
  TRY(take("M", kShapeCoordinateCount, 1, model.mean_));
  TRY(take("V", kShapeCoordinateCount, kShapeModeCount, model.modes_));
  TRY(take("E", kShapeModeCount, 1, model.variances_));
  TRY(model.check(origin));
  return model;
}

Result<void> ShapeModel::check(std::string_view origin) const {
  for (const std::vector<double>* values : {&mean_, &modes_, &variances_}) {
    if (!std::ranges::all_of(*values, [](double value) { return std::isfinite(value); }))
      return corrupt(origin, "it has a number that is not finite");
  }
  if (!std::ranges::all_of(variances_, [](double variance) { return variance > 0; }))
    return corrupt(origin, "a variance is not above 0");
  return {};
}

ShapeFit ShapeModel::fit(std::span<const Point<UprightPx>, kIbugLandmarkCount> landmarks) const {
  const Eigen::Map<const Eigen::Matrix<double, 3 * kPoints, 1>> mean(mean_.data());
  const Eigen::Map<const ModeMatrix> modes(modes_.data());
  const Eigen::Map<const Eigen::Matrix<double, kModes, 1>> variances(variances_.data());
  const Problem problem(mean, modes, variances, landmarks);
  constexpr int kMaxIterations = 100;
  constexpr double kSmallStep = 1e-9;  // Of the cost; below it nothing that is used changes.
  Unknowns q = problem.start();
  Residuals r = problem.residuals(q);
  double cost = r.squaredNorm();
  double damping = 1e-3;
  Jacobian J;
  bool moved = true;
  Eigen::Matrix<double, kUnknowns, kUnknowns> A;
  Unknowns gradient;
  for (int i = 0; i < kMaxIterations; ++i) {
    if (moved) {
      problem.jacobian(q, J);
      A.noalias() = J.transpose() * J;
      gradient.noalias() = J.transpose() * r;
    }
    Eigen::Matrix<double, kUnknowns, kUnknowns> damped = A;
    damped.diagonal() *= 1 + damping;
    const Unknowns next = q - damped.ldlt().solve(gradient);
    const Residuals next_r = problem.residuals(next);
    const double next_cost = next_r.squaredNorm();
    moved = next_cost < cost;
    if (!moved) {
      damping *= 10;
      if (damping > 1e8) break;
      continue;
    }
    const double gain = (cost - next_cost) / cost;
    q = next;
    r = next_r;
    cost = next_cost;
    damping = std::max(damping / 10, 1e-12);
    if (gain < kSmallStep) break;
  }
  ShapeFit fit;
  fit.scale = q(0);
  fit.rotation_rad = {q(1), q(2), q(3)};
  fit.translation_px = {q(4), q(5)};
  std::copy(q.data() + kRigid, q.data() + kUnknowns, fit.modes.begin());
  return fit;
}

void ShapeModel::deformation(const ShapeFit& fit, std::span<double> out) const {
  assert(out.size() == kShapeCoordinateCount);
  const Eigen::Map<const ModeMatrix> modes(modes_.data());
  const Eigen::Map<const Eigen::Matrix<double, kModes, 1>> parameters(fit.modes.data());
  Eigen::Map<Eigen::Matrix<double, 3 * kPoints, 1>>(out.data()).noalias() = modes * parameters;
}

}  // namespace retinue
