#include "face/openface_history.hpp"

#include <algorithm>
#include <cassert>
#include <functional>
#include <optional>

namespace retinue {

namespace {

constexpr std::uint32_t kIntensityRadius = 1;  // Frames before and behind.
constexpr std::uint32_t kPresenceRadius = 3;

template <typename Values>
void store(const OpenFaceValues& from, Values& to) {
  const auto narrow = [](double value) { return static_cast<float>(value); };
  const auto presences = std::ranges::transform(from.intensity, to.begin(), narrow).out;
  std::ranges::transform(from.presence, presences, narrow);
}

}  // namespace

void OpenFaceHistory::add(TrackId track, const OpenFaceValues& values, const OpenFaceValues& rest) {
  assert(frames_ != 0);
  Track& its = tracks_[track];
  Entry& entry = its.entries.emplace_back();
  entry.frame = static_cast<std::uint32_t>(frames_ - 1);
  store(its.entries.size() <= kMeasuredAgain ? values : values - rest, entry.values);
  its.rest = rest;
}

void OpenFaceHistory::correct(const OpenFacePredictors& predictors) {
  for (auto& [id, track] : tracks_)
    correct(track, predictors);
}

void OpenFaceHistory::correct(Track& track, const OpenFacePredictors& predictors) const {
  decltype(Entry::values) rest{};
  store(track.rest, rest);
  const std::size_t again = std::min(track.entries.size(), kMeasuredAgain);
  for (std::size_t i = 0; i < again; ++i) {
    std::ranges::transform(track.entries[i].values, rest, track.entries[i].values.begin(),
                           std::minus<>());
  }
  std::vector<float> sorted;
  for (std::size_t unit = 0; unit < kActionUnitIntensityCount; ++unit) {
    float offset = 0;
    const std::optional<double> cutoff = predictors.cutoff(static_cast<ActionUnit>(unit));
    if (cutoff && *cutoff >= 0) {
      sorted.clear();
      for (const Entry& entry : track.entries)
        sorted.push_back(entry.values[unit]);
      std::ranges::sort(sorted);
      const auto at = static_cast<std::size_t>(static_cast<double>(sorted.size()) * *cutoff);
      offset = sorted[std::min(at, sorted.size() - 1)];
    }
    for (Entry& entry : track.entries)
      entry.values[unit] = std::clamp(entry.values[unit] - offset, 0.0F, 5.0F);
    smooth(track, unit, kIntensityRadius);
  }
  for (std::size_t i = kActionUnitIntensityCount; i < rest.size(); ++i) {
    for (Entry& entry : track.entries)
      entry.values[i] = entry.values[i] > 0 ? 1 : 0;
    smooth(track, i, kPresenceRadius);
    for (Entry& entry : track.entries)
      entry.values[i] = entry.values[i] < 0.5F ? 0 : 1;
  }
}

// The mean over `radius` frames before and behind.
void OpenFaceHistory::smooth(Track& track, std::size_t value, std::uint32_t radius) const {
  std::vector<float> raw;
  raw.reserve(track.entries.size());
  for (const Entry& entry : track.entries)
    raw.push_back(entry.values[value]);
  for (std::size_t i = 0; i < raw.size(); ++i) {
    const std::uint32_t frame = track.entries[i].frame;
    if (frame < radius || frame + radius >= frames_) continue;
    float sum = raw[i];
    for (std::size_t j = i; j-- > 0 && track.entries[j].frame + radius >= frame;)
      sum += raw[j];
    for (std::size_t j = i + 1; j < raw.size() && track.entries[j].frame <= frame + radius; ++j)
      sum += raw[j];
    track.entries[i].values[value] = sum / static_cast<float>(2 * radius + 1);
  }
}

void OpenFaceHistory::apply(std::size_t frame, std::vector<Face>& faces) const {
  for (Face& face : faces) {
    if (!face.track) continue;
    const auto track = tracks_.find(*face.track);
    if (track == tracks_.end()) continue;
    const std::vector<Entry>& entries = track->second.entries;
    const auto entry = std::ranges::lower_bound(entries, frame, {}, &Entry::frame);
    if (entry == entries.end() || entry->frame != frame) continue;
    ActionUnits& units = face.action_units.emplace();
    const auto first_presence = entry->values.begin() + kActionUnitIntensityCount;
    std::copy(entry->values.begin(), first_presence, units.intensity.begin());
    std::transform(first_presence, entry->values.end(), units.present.begin(),
                   [](float value) { return value > 0; });
  }
}

}  // namespace retinue
