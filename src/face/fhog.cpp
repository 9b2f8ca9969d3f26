#include "face/fhog.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace retinue {

namespace {

constexpr int kSide = kAlignedFaceSide;
constexpr int kCell = static_cast<int>(kFhogCell);
constexpr std::size_t kCells = kAlignedFaceSide / kFhogCell;
constexpr std::size_t kOrientations = 9;
constexpr std::size_t kDirections = 2 * kOrientations;
constexpr double kMaxComponent = 0.2;

/// With a border of one cell that takes what pixels near the picture's border spread outwards.
using Histograms = std::array<std::array<std::array<double, kDirections>, kCells + 2>, kCells + 2>;

/// Of the orientations, every 20 degrees, with the four digits that dlib has.
struct UnitVectors {
  std::array<double, kOrientations> x;
  std::array<double, kOrientations> y;
};
constexpr UnitVectors kUnits{
    .x = {1, 0.9397, 0.7660, 0.5, 0.1736, -0.1736, -0.5, -0.7660, -0.9397},
    .y = {0, 0.3420, 0.6428, 0.8660, 0.9848, 0.9848, 0.8660, 0.6428, 0.3420}};

struct Gradient {
  int x = 0;
  int y = 0;
};

Gradient strongest_gradient(const std::uint8_t* pixel) {
  constexpr std::ptrdiff_t kRow = std::ptrdiff_t{3} * kSide;
  Gradient strongest;
  int most = -1;
  for (std::ptrdiff_t c = 0; c < 3; ++c) {
    const Gradient g{int{pixel[c + 3]} - int{pixel[c - 3]},
                     int{pixel[c + kRow]} - int{pixel[c - kRow]}};
    const int energy = g.x * g.x + g.y * g.y;
    if (energy > most) {
      most = energy;
      strongest = g;
    }
  }
  return strongest;
}

/// The direction that the gradient is nearest to: the first where several are.
std::size_t direction_of(const Gradient& gradient) {
  std::size_t best = 0;
  double best_dot = 0;
  bool backwards = false;
  std::array<double, kOrientations> dots{};
  for (std::size_t i = 0; i < kOrientations; ++i)
    dots[i] = gradient.x * kUnits.x[i] + gradient.y * kUnits.y[i];
  for (std::size_t i = 0; i < kOrientations; ++i) {
    if (dots[i] > best_dot) {
      best_dot = dots[i];
      best = i;
    }
  }
  for (std::size_t i = 0; i < kOrientations; ++i) {
    if (-dots[i] > best_dot) {
      best_dot = -dots[i];
      best = i;
      backwards = true;
    }
  }
  return backwards ? best + kOrientations : best;
}

void gather(std::span<const std::uint8_t, kAlignedFaceBytes> rgb, Histograms& histograms) {
  for (int y = 1; y < kSide - 1; ++y) {
    const double cell_y = (y + 0.5) / kCell - 0.5;
    const double floor_y = std::floor(cell_y);
    const double low_y = cell_y - floor_y;
    const auto row = static_cast<std::size_t>(floor_y + 1);
    for (int x = 1; x < kSide - 1; ++x) {
      const Gradient gradient =
          strongest_gradient(rgb.data() + std::size_t{3} * static_cast<std::size_t>(y * kSide + x));
      if (gradient.x == 0 && gradient.y == 0) continue;
      const std::size_t direction = direction_of(gradient);
      const double strength = std::sqrt(gradient.x * gradient.x + gradient.y * gradient.y);
      const double cell_x = (x + 0.5) / kCell - 0.5;
      const double floor_x = std::floor(cell_x);
      const double low_x = cell_x - floor_x;
      const auto column = static_cast<std::size_t>(floor_x + 1);
      histograms[row][column][direction] += (1 - low_y) * (1 - low_x) * strength;
      histograms[row][column + 1][direction] += (1 - low_y) * low_x * strength;
      histograms[row + 1][column][direction] += low_y * (1 - low_x) * strength;
      histograms[row + 1][column + 1][direction] += low_y * low_x * strength;
    }
  }
}

using Energies = std::array<std::array<double, kCells>, kCells>;

/// Of each cell, over orientations whose two directions are one.
Energies energies_of(const Histograms& histograms) {
  Energies energies{};
  for (std::size_t r = 0; r < kCells; ++r) {
    for (std::size_t c = 0; c < kCells; ++c) {
      const auto& histogram = histograms[r + 1][c + 1];
      for (std::size_t i = 0; i < kOrientations; ++i) {
        const double both = histogram[i] + histogram[i + kOrientations];
        energies[r][c] += both * both;
      }
    }
  }
  return energies;
}

/// One over the norms of the four blocks of 2 x 2 cells that the cell is in, in dlib's order: down
/// and right, up and right, down and left, up and left. Rows and columns without the border.
std::array<double, 4> block_norms(const Energies& energies, std::size_t r, std::size_t c) {
  std::array<double, 4> norms{};
  for (std::size_t block = 0; block < 4; ++block) {
    const std::size_t top = r + (block % 2 == 0 ? 1 : 0);
    const std::size_t left = c + (block < 2 ? 1 : 0);
    norms[block] = 1 / std::sqrt(energies[top][left] + energies[top][left + 1] +
                                 energies[top + 1][left] + energies[top + 1][left + 1] + 1e-4);
  }
  return norms;
}

/// Directions, then orientations, then the texture of each block.
void write_channels(std::span<const double, kDirections> histogram,
                    const std::array<double, 4>& norms, std::span<double> channels) {
  std::array<double, 4> texture{};
  for (std::size_t i = 0; i < kDirections; ++i) {
    double sum = 0;
    for (std::size_t block = 0; block < 4; ++block) {
      const double component = std::min(histogram[i] * norms[block], kMaxComponent);
      sum += component;
      texture[block] += component;
    }
    channels[i] = 0.5 * sum;
  }
  for (std::size_t i = 0; i < kOrientations; ++i) {
    const double both = histogram[i] + histogram[i + kOrientations];
    double sum = 0;
    for (const double norm : norms)
      sum += std::min(both * norm, kMaxComponent);
    channels[kDirections + i] = 0.5 * sum;
  }
  for (std::size_t block = 0; block < 4; ++block)
    channels[kDirections + kOrientations + block] = 0.2357 * texture[block];
}

}  // namespace

void fhog(std::span<const std::uint8_t, kAlignedFaceBytes> rgb, std::span<double, kFhogCount> out) {
  Histograms histograms{};
  gather(rgb, histograms);
  const Energies energies = energies_of(histograms);
  for (std::size_t r = 0; r < kFhogSide; ++r) {
    for (std::size_t c = 0; c < kFhogSide; ++c) {
      write_channels(histograms[r + 2][c + 2], block_norms(energies, r, c),
                     out.subspan((r * kFhogSide + c) * kFhogChannels, kFhogChannels));
    }
  }
}

}  // namespace retinue
