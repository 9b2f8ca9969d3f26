#include "face/blendshape_action_units.hpp"

#include <cmath>
#include <map>
#include <string>

#include <gtest/gtest.h>

#include "face/resting_face.hpp"

namespace retinue {
namespace {

float activation(const Face& face, ActionUnit unit) {
  return action_unit_activations(*face.blendshapes, face.landmarks)[static_cast<std::size_t>(unit)];
}

ActionUnitActivations neutral_of_scales() {
  ActionUnitActivations neutral{};
  for (std::size_t i = 0; i < kActionUnitCount; ++i)
    neutral[i] = action_unit_scales()[i].neutral;
  return neutral;
}

ActionUnits units_of(const Face& face) {
  return action_units_above(neutral_of_scales(),
                            action_unit_activations(*face.blendshapes, face.landmarks));
}

TEST(BlendshapeActionUnits, OfAFaceAtRestAreAllAbsent) {
  const ActionUnits units = units_of(resting_face());
  for (std::size_t i = 0; i < kActionUnitCount; ++i)
    EXPECT_FALSE(units.present[i]) << kActionUnitNames[i];
}

TEST(BlendshapeActionUnits, EachCoefficientDrivesItsUnit) {
  const std::map<std::string, ActionUnit> unit_of = {
      {"browOuterUp", ActionUnit::au02},  {"browDown", ActionUnit::au04},
      {"eyeWide", ActionUnit::au05},      {"eyeSquint", ActionUnit::au07},
      {"mouthUpperUp", ActionUnit::au10}, {"mouthSmile", ActionUnit::au12},
      {"mouthDimple", ActionUnit::au14},  {"mouthFrown", ActionUnit::au15},
      {"mouthStretch", ActionUnit::au20}, {"mouthPress", ActionUnit::au23},
      {"eyeBlink", ActionUnit::au45}};
  for (const auto& [stem, unit] : unit_of) {
    Face face = resting_face();
    move(face, stem, 1);
    const ActionUnits units = units_of(face);
    for (std::size_t i = 0; i < kActionUnitCount; ++i)
      EXPECT_EQ(units.present[i], i == static_cast<std::size_t>(unit))
          << stem << ' ' << kActionUnitNames[i];
  }
}

TEST(BlendshapeActionUnits, CoefficientsWithoutSidesDriveTheirs) {
  const std::map<std::string, ActionUnit> unit_of = {{"browInnerUp", ActionUnit::au01},
                                                     {"mouthShrugLower", ActionUnit::au17},
                                                     {"jawOpen", ActionUnit::au26}};
  for (const auto& [name, unit] : unit_of) {
    Face face = resting_face();
    coefficient(face, name) = 1;
    EXPECT_EQ(units_of(face).intensity[static_cast<std::size_t>(unit)], 5) << name;
  }
}

TEST(BlendshapeActionUnits, OneSideCountsHalf) {
  Face face = resting_face();
  coefficient(face, "mouthSmileLeft") = 0.8F;
  EXPECT_FLOAT_EQ(activation(face, ActionUnit::au12), 0.4F);
}

TEST(BlendshapeActionUnits, CheeksAreRaisedWhereASmileNarrowsTheEyes) {
  Face face = resting_face();
  move(face, "mouthSmile", 0.9F);
  EXPECT_EQ(activation(face, ActionUnit::au06), 0) << "a smile of the mouth alone";
  move(face, "eyeSquint", 0.4F);
  EXPECT_FLOAT_EQ(activation(face, ActionUnit::au06), std::sqrt(0.9F * 0.4F));
}

TEST(BlendshapeActionUnits, ASmileRaisesTheUpperLipLessThanItMovesIt) {
  Face face = resting_face();
  move(face, "mouthUpperUp", 0.5F);
  const float without = activation(face, ActionUnit::au10);
  move(face, "mouthSmile", 0.5F);
  EXPECT_NEAR(activation(face, ActionUnit::au10), without - 0.2F, 1e-6);
}

TEST(BlendshapeActionUnits, LipsPartByTheGapBetweenThem) {
  Face face = resting_face();
  const float eyes = std::hypot(face.landmarks[33].x - face.landmarks[263].x,
                                face.landmarks[33].y - face.landmarks[263].y,
                                face.landmarks[33].z - face.landmarks[263].z);
  face.landmarks[14].y += 0.2F * eyes;
  EXPECT_NEAR(activation(face, ActionUnit::au25), 0.2F, 1e-5);
  EXPECT_TRUE(units_of(face).present[static_cast<std::size_t>(ActionUnit::au25)]);
}

TEST(BlendshapeActionUnits, AWrinkledNoseBringsItsWingsToTheEyes) {
  Face face = resting_face();
  const float at_rest = activation(face, ActionUnit::au09);
  for (const std::size_t wing : {129U, 358U})
    face.landmarks[wing].y -= 5;
  EXPECT_GT(activation(face, ActionUnit::au09), at_rest + 0.3F);
}

TEST(BlendshapeActionUnits, DoNotDependOnTheSizeOfTheFace) {
  Face face = resting_face();
  face.landmarks[14].y += 9;
  const ActionUnitActivations once = action_unit_activations(*face.blendshapes, face.landmarks);
  for (Point3<FramePx>& p : face.landmarks)
    p = {7 * p.x + 300, 7 * p.y + 200, 7 * p.z};
  const ActionUnitActivations larger = action_unit_activations(*face.blendshapes, face.landmarks);
  for (std::size_t i = 0; i < kActionUnitCount; ++i)
    EXPECT_NEAR(once[i], larger[i], 1e-4);
}

TEST(BlendshapeActionUnits, LipSuckIsBothLipsRolledIn) {
  Face face = resting_face();
  coefficient(face, "mouthRollLower") = 0.6F;
  coefficient(face, "mouthRollUpper") = 0.6F;
  EXPECT_TRUE(units_of(face).present[static_cast<std::size_t>(ActionUnit::au28)]);
}

TEST(ActionUnitsAbove, IntensitiesGrowFromZeroAtTheNeutralFaceToFive) {
  const auto smile = static_cast<std::size_t>(ActionUnit::au12);
  const ActionUnitScale scale = action_unit_scales()[smile];
  ActionUnitActivations activations = neutral_of_scales();
  EXPECT_EQ(action_units_above(neutral_of_scales(), activations).intensity[smile], 0);
  activations[smile] = (scale.neutral + scale.full) / 2;
  EXPECT_NEAR(action_units_above(neutral_of_scales(), activations).intensity[smile], 2.5, 1e-5);
  activations[smile] = scale.full;
  EXPECT_NEAR(action_units_above(neutral_of_scales(), activations).intensity[smile], 5, 1e-5);
}

TEST(ActionUnitsAbove, AUnitIsPresentFromIntensityOneOn) {
  const auto smile = static_cast<std::size_t>(ActionUnit::au12);
  const ActionUnitScale scale = action_unit_scales()[smile];
  ActionUnitActivations activations = neutral_of_scales();
  const float step = (scale.full - scale.neutral) / 5;
  activations[smile] = scale.neutral + 0.99F * step;
  EXPECT_FALSE(action_units_above(neutral_of_scales(), activations).present[smile]);
  activations[smile] = scale.neutral + 1.01F * step;
  EXPECT_TRUE(action_units_above(neutral_of_scales(), activations).present[smile]);
}

}  // namespace
}  // namespace retinue
