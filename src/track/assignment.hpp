/// The assignment problem: who goes with whom, so that the sum of costs is least.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

namespace retinue {

/// Pairs each row with at most one column and each column with at most one row, so that the costs
/// of the pairs, and `limit` for every row or column of the smaller side that stays alone, have the
/// least sum. Pairs that cost `limit` or more are not made.
///
/// The Hungarian method with potentials, one shortest augmenting path a row: Jonker, Volgenant, "A
/// Shortest Augmenting Path Algorithm for Dense and Sparse Linear Assignment Problems", Computing
/// 38, 1987. O(n² m). Keeps its memory from call to call. Thread-bound.
class Assignment {
 public:
  /// `costs`: `rows` x `columns`, row by row, finite. The answer has the column of each row and
  /// lives until the next call.
  std::span<const std::optional<std::size_t>> solve(std::span<const float> costs, std::size_t rows,
                                                    std::size_t columns, float limit);

 private:
  void augment(std::size_t row, std::size_t columns);

  // One-based, as in the method's usual form: index 0 is the virtual column of the row being added.
  std::vector<double> costs_;  ///< Of the smaller side's rows.
  std::vector<double> row_potential_;
  std::vector<double> column_potential_;
  std::vector<std::size_t> row_of_column_;
  std::vector<std::size_t> previous_column_;
  std::vector<double> slack_;
  std::vector<bool> visited_;
  std::vector<std::optional<std::size_t>> answer_;
};

}  // namespace retinue
