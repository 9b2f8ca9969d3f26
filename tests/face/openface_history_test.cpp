#include "face/openface_history.hpp"

#include <algorithm>
#include <cstddef>
#include <map>
#include <optional>
#include <random>
#include <vector>

#include <gtest/gtest.h>

#include "face/tiny_openface.hpp"

namespace retinue {
namespace {

constexpr auto kAu01 = static_cast<std::size_t>(ActionUnit::au01);
constexpr auto kAu12 = static_cast<std::size_t>(ActionUnit::au12);

/// What was measured of one person in a frame; absent: they were not there.
struct Moment {
  OpenFaceValues values;
  OpenFaceValues rest;
};
using Recording = std::vector<std::optional<Moment>>;

OpenFaceValues level(double value) {
  OpenFaceValues values;
  values.intensity.fill(value);
  values.presence.fill(value);
  return values;
}

/// The mean over whole windows; where they are not whole, the value.
std::vector<double> averaged(const std::vector<double>& values, std::size_t radius) {
  std::vector<double> smooth = values;
  for (std::size_t i = radius; i + radius < values.size(); ++i) {
    smooth[i] = 0;
    for (std::size_t j = i - radius; j <= i + radius; ++j)
      smooth[i] += values[j] / static_cast<double>(2 * radius + 1);
  }
  return smooth;
}

/// One unit of a recording, step by step over dense lists, as the class says it.
struct Corrected {
  std::vector<double> intensity;
  std::vector<double> presence;
};
Corrected reference(const Recording& recording, const OpenFacePredictors& predictors,
                    std::size_t unit) {
  OpenFaceValues last;
  for (const std::optional<Moment>& moment : recording)
    if (moment) last = moment->rest;
  Corrected corrected{std::vector<double>(recording.size()), std::vector<double>(recording.size())};
  std::vector<double> seen;
  for (std::size_t i = 0; i < recording.size(); ++i) {
    if (!recording[i]) continue;
    const OpenFaceValues& rest = seen.size() < 3000 ? last : recording[i]->rest;
    const OpenFaceValues values = recording[i]->values - rest;
    corrected.intensity[i] = values.intensity[unit];
    corrected.presence[i] = values.presence[unit] > 0 ? 1 : 0;
    seen.push_back(values.intensity[unit]);
  }
  std::ranges::sort(seen);
  const double cutoff = predictors.cutoff(static_cast<ActionUnit>(unit)).value_or(-1);
  const double offset =
      cutoff < 0 || seen.empty()
          ? 0
          : seen[static_cast<std::size_t>(static_cast<double>(seen.size()) * cutoff)];
  for (std::size_t i = 0; i < recording.size(); ++i) {
    if (recording[i])
      corrected.intensity[i] = std::clamp(corrected.intensity[i] - offset, 0.0, 5.0);
  }
  corrected.intensity = averaged(corrected.intensity, 1);
  corrected.presence = averaged(corrected.presence, 3);
  return corrected;
}

class OpenFaceSecondPass : public testing::Test {
 protected:
  /// Track n of `recordings` has the id n + 1.
  std::vector<std::vector<Face>> corrected(const std::vector<Recording>& recordings) const {
    OpenFaceHistory history;
    for (std::size_t frame = 0; frame < recordings[0].size(); ++frame) {
      history.begin_frame();
      for (std::size_t track = 0; track < recordings.size(); ++track) {
        if (const std::optional<Moment>& moment = recordings[track][frame])
          history.add(id_of(track), moment->values, moment->rest);
      }
    }
    history.correct(predictors_);
    std::vector<std::vector<Face>> frames;
    for (std::size_t frame = 0; frame < recordings[0].size(); ++frame) {
      std::vector<Face>& faces = frames.emplace_back(recordings.size());
      for (std::size_t track = 0; track < recordings.size(); ++track)
        faces[track].track = id_of(track);
      history.apply(frame, faces);
    }
    return frames;
  }

  static TrackId id_of(std::size_t track) { return {static_cast<std::uint32_t>(track + 1)}; }

  const OpenFacePredictors predictors_ = tiny_predictors();
};

Recording random_recording(std::size_t frames, unsigned seed) {
  std::mt19937 random(seed);
  std::uniform_real_distribution<double> value(-2, 7);
  std::uniform_real_distribution<double> rest(-0.5, 0.5);
  Recording recording(frames);
  for (std::optional<Moment>& moment : recording) {
    if (random() % 8 == 0) continue;  // Not there.
    moment.emplace();
    std::ranges::generate(moment->values.intensity, [&] { return value(random); });
    std::ranges::generate(moment->values.presence, [&] { return value(random) - 2; });
    moment->rest.intensity[kAu01] = rest(random);
    moment->rest.presence[kAu01] = rest(random);
  }
  return recording;
}

TEST_F(OpenFaceSecondPass, GivesWhatThePlainWayGives) {
  for (const std::size_t frames : {1U, 2U, 6U, 7U, 8U, 200U, 3600U}) {
    const std::vector<Recording> recordings = {random_recording(frames, 1),
                                               random_recording(frames, 2)};
    const std::vector<std::vector<Face>> found = corrected(recordings);
    for (std::size_t track = 0; track < recordings.size(); ++track) {
      for (const std::size_t unit : {kAu01, std::size_t{1}, kAu12}) {
        const Corrected expected = reference(recordings[track], predictors_, unit);
        for (std::size_t i = 0; i < frames; ++i) {
          const std::optional<ActionUnits>& units = found[i][track].action_units;
          ASSERT_EQ(units.has_value(), recordings[track][i].has_value());
          if (!units) continue;
          ASSERT_NEAR(units->intensity[unit], expected.intensity[i], 1e-4) << frames << ' ' << i;
          ASSERT_EQ(units->present[unit], expected.presence[i] >= 0.5) << frames << ' ' << i;
        }
      }
    }
  }
}

TEST_F(OpenFaceSecondPass, MeasuresTheBeginningAgainstWhatIsKnownAtTheEnd) {
  Recording recording(20, Moment{level(3), level(0)});
  for (std::size_t i = 10; i < recording.size(); ++i)
    recording[i]->rest.presence[kAu01] = 4;
  const auto faces = corrected({recording});
  EXPECT_FALSE(faces[0][0].action_units->present[kAu01]);
  EXPECT_TRUE(faces[0][0].action_units->present[kAu12]);
}

TEST_F(OpenFaceSecondPass, AQuarterOfTheFramesIsAtRestWhereTheCutoffSaysSo) {
  Recording recording(100, Moment{level(2), level(0)});
  for (std::size_t i = 60; i < recording.size(); ++i)
    recording[i]->values = level(3);
  const auto faces = corrected({recording});
  EXPECT_EQ(faces[30][0].action_units->intensity[kAu01], 0);
  EXPECT_EQ(faces[80][0].action_units->intensity[kAu01], 1);
  EXPECT_EQ(faces[30][0].action_units->intensity[kAu12], 2);  // A static one.
}

TEST_F(OpenFaceSecondPass, APresenceOfASingleFrameIsNone) {
  Recording recording(30, Moment{level(-1), level(0)});
  recording[15]->values = level(1);
  EXPECT_FALSE(corrected({recording})[15][0].action_units->present[kAu12]);
  for (std::size_t i = 14; i < 18; ++i)
    recording[i]->values = level(1);
  EXPECT_TRUE(corrected({recording})[15][0].action_units->present[kAu12]);
}

TEST_F(OpenFaceSecondPass, AFaceThatWasNotMeasuredStaysAsItIs) {
  const auto faces = corrected({{Moment{level(1), level(0)}, std::nullopt}});
  EXPECT_TRUE(faces[0][0].action_units);
  EXPECT_FALSE(faces[1][0].action_units);
}

}  // namespace
}  // namespace retinue
