#include "sink/overlay.hpp"

#include <limits>
#include <set>

#include <gmock/gmock.h>

#include "perception/example_result.hpp"
#include "perception/face_mesh_contours.hpp"
#include "sink/painted_picture.hpp"

namespace retinue {
namespace {

constexpr Bgr kGray = {128, 128, 128};
constexpr Size kPicture{1280, 720};

constexpr OverlaySettings kNothing = {.boxes = false,
                                      .contours = false,
                                      .skeletons = false,
                                      .head_pose = false,
                                      .gaze = false,
                                      .blendshapes = false,
                                      .caption = false};

OverlaySettings only(bool OverlaySettings::*layer) {
  OverlaySettings settings = kNothing;
  settings.*layer = true;
  return settings;
}

/// A picture with what was drawn on it.
class Drawing {
 public:
  Drawing(const FrameResult& result, const OverlaySettings& settings, Size size = kPicture)
      : size_(size), picture_(size, kGray) {
    draw_overlay(result, picture_.preview(), settings);
    EXPECT_TRUE(picture_.guards_are_untouched());
  }

  Bgr at(int x, int y) const { return picture_.at(x, y); }
  bool inked(int x, int y) const { return at(x, y) != kGray; }

  /// Pixels inside `area` that were drawn on.
  int ink(const Box<FramePx>& area) const {
    return count([&](int x, int y) { return contains(area, x, y); });
  }
  int ink() const {
    return count([](int, int) { return true; });
  }
  int ink_outside(const Box<FramePx>& area) const { return ink() - ink(area); }

 private:
  static bool contains(const Box<FramePx>& box, int x, int y) {
    const float px = static_cast<float>(x) + 0.5F;
    const float py = static_cast<float>(y) + 0.5F;
    return px >= box.x && px < box.right() && py >= box.y && py < box.bottom();
  }
  template <typename Wanted>
  int count(const Wanted& wanted) const {
    int sum = 0;
    for (int y = 0; y < size_.height; ++y) {
      for (int x = 0; x < size_.width; ++x)
        sum += inked(x, y) && wanted(x, y) ? 1 : 0;
    }
    return sum;
  }

  Size size_;
  PaintedPicture picture_;
};

Box<FramePx> grown(const Box<FramePx>& box, float margin) {
  return {box.x - margin, box.y - margin, box.width + 2 * margin, box.height + 2 * margin};
}

FrameResult result_with(Face face) {
  FrameResult result = empty_result();
  result.faces = {std::move(face)};
  return result;
}

Face posed_face(float yaw_deg, float pitch_deg) {
  Face face = example_face({500, 200, 200, 200});
  face.landmarks.clear();  // The axes begin at the keypoint of the nose, (600, 300).
  face.head_pose = HeadPose{.yaw_deg = yaw_deg, .pitch_deg = pitch_deg};
  return face;
}

TEST(Overlay, LeavesThePictureAloneWithoutAFrame) {
  EXPECT_EQ(Drawing(error_result(), {}).ink(), 0);
}

TEST(Overlay, DrawsNothingButTheCaptionWithoutFaces) {
  const Drawing drawing(empty_result(), {});

  EXPECT_GT(drawing.ink(), 0);
  EXPECT_EQ(drawing.ink_outside({0, 680, 320, 40}), 0);
  EXPECT_EQ(Drawing(empty_result(), {.caption = false}).ink(), 0);
}

TEST(Overlay, DrawsNothingWhenNoLayerIsWanted) {
  EXPECT_EQ(Drawing(example_result(), kNothing).ink(), 0);
}

TEST(Overlay, DrawsNothingForPartsThatWereNotMeasured) {
  Face face = example_face({500, 200, 200, 200});
  face.landmarks.clear();
  face.head_pose.reset();
  face.blendshapes.reset();
  face.gaze.reset();
  const FrameResult result = result_with(face);

  EXPECT_EQ(Drawing(result, only(&OverlaySettings::contours)).ink(), 0);
  EXPECT_EQ(Drawing(result, only(&OverlaySettings::head_pose)).ink(), 0);
  EXPECT_EQ(Drawing(result, only(&OverlaySettings::blendshapes)).ink(), 0);
  EXPECT_EQ(Drawing(result, only(&OverlaySettings::gaze)).ink(), 0);
  EXPECT_GT(Drawing(result, only(&OverlaySettings::boxes)).ink(), 0);
}

TEST(Overlay, MarksTheCornersOfTheBox) {
  const Drawing drawing(result_with(example_face({500, 200, 200, 200})),
                        only(&OverlaySettings::boxes));

  for (const int x : {500, 700}) {
    EXPECT_TRUE(drawing.inked(x, 230)) << x;
    EXPECT_TRUE(drawing.inked(x, 370)) << x;
    EXPECT_FALSE(drawing.inked(x, 300)) << "the middle of an edge stays free";
  }
  EXPECT_EQ(drawing.ink(grown({500, 200, 200, 200}, -6)), 0) << "so does the face";
}

TEST(Overlay, PutsTheLabelAboveTheBoxOrInsideAtThePicturesEdge) {
  const auto settings = only(&OverlaySettings::boxes);
  const Drawing below_edge(result_with(example_face({500, 200, 200, 200})), settings);
  EXPECT_GT(below_edge.ink({500, 170, 100, 24}), 0);

  const Drawing at_edge(result_with(example_face({500, 2, 200, 200})), settings);
  EXPECT_GT(at_edge.ink({506, 8, 60, 24}), 0);
}

TEST(Overlay, DrawsTheMeshWhereItIs) {
  const Face face = example_face({500, 200, 200, 200});

  const Drawing drawing(result_with(face), only(&OverlaySettings::contours));

  EXPECT_EQ(drawing.ink_outside(grown(face.box, 4)), 0);
  for (const LandmarkIndex index : kFaceOval) {
    const Point3<FramePx>& point = face.landmarks[index];
    EXPECT_TRUE(drawing.inked(static_cast<int>(point.x), static_cast<int>(point.y))) << index;
  }
}

TEST(Overlay, PointsTheBlueAxisWhereTheFacePoints) {
  struct Case {
    float yaw_deg;
    float pitch_deg;
    int x;
    int y;
  };
  for (const Case& c : {Case{60, 0, 670, 300}, Case{-60, 0, 530, 300}, Case{0, 60, 600, 230},
                        Case{0, -60, 600, 370}}) {
    const Drawing drawing(result_with(posed_face(c.yaw_deg, c.pitch_deg)),
                          only(&OverlaySettings::head_pose));
    const Bgr color = drawing.at(c.x, c.y);
    EXPECT_GT(color[0], color[2] + 60) << c.yaw_deg << ' ' << c.pitch_deg;
  }
}

TEST(Overlay, DrawsRedToTheRightAndGreenDownwards) {
  const Drawing drawing(result_with(posed_face(0, 0)), only(&OverlaySettings::head_pose));

  EXPECT_GT(drawing.at(640, 300)[2], drawing.at(640, 300)[1] + 60);
  EXPECT_GT(drawing.at(600, 340)[1], drawing.at(600, 340)[2] + 60);
}

TEST(Overlay, DrawsAnArrowFromEachOpenEyeTheWayBothLook) {
  struct Case {
    GazeDirection gaze;
    int dx;
    int dy;
  };
  for (const Case& c :
       {Case{{90, 0}, 75, 0}, {{-90, 0}, -75, 0}, {{0, 89}, 0, -75}, {{0, -89}, 0, 75}}) {
    // The eyes are the keypoints (560, 260) and (640, 260); arrows are 150 px long.
    Face face = example_face({500, 200, 200, 200});
    face.landmarks.clear();
    face.gaze = Gaze{.direction = c.gaze, .left = {{0, 0}}, .right = {{0, 0}}};
    const Drawing both(result_with(face), only(&OverlaySettings::gaze));
    for (const int x : {560, 640}) {
      const Bgr color = both.at(x + c.dx, 260 + c.dy);
      EXPECT_GT(color[2], color[0] + 60) << c.gaze.yaw_deg << ' ' << c.gaze.pitch_deg;
    }
    EXPECT_EQ(both.at(600 - 2 * c.dx, 260 - 2 * c.dy), both.at(0, 0)) << "not the other way";
  }
}

TEST(Overlay, DrawsNoArrowFromAShutEye) {
  Face face = example_face({500, 200, 200, 200});
  face.landmarks.clear();
  face.gaze = Gaze{.direction = {0, -89}, .left = std::nullopt, .right = {{0, 0}}};
  const Drawing drawing(result_with(face), only(&OverlaySettings::gaze));

  EXPECT_GT(drawing.ink({540, 250, 40, 180}), 0);
  EXPECT_EQ(drawing.ink({620, 250, 40, 180}), 0);
}

TEST(Overlay, PutsBlendshapesRightOfTheFaceAndLeftOfItAtThePicturesEdge) {
  const auto settings = only(&OverlaySettings::blendshapes);
  const Drawing in_the_middle(result_with(example_face({500, 200, 200, 200})), settings);
  EXPECT_GT(in_the_middle.ink({700, 200, 300, 200}), 0);
  EXPECT_EQ(in_the_middle.ink_outside({700, 200, 300, 200}), 0);

  const Drawing at_the_edge(result_with(example_face({1070, 200, 200, 200})), settings);
  EXPECT_GT(at_the_edge.ink({770, 200, 300, 200}), 0);
  EXPECT_EQ(at_the_edge.ink_outside({770, 200, 300, 200}), 0);
}

TEST(Overlay, PutsBlendshapesInsideAFaceThatFillsThePicture) {
  const Drawing drawing(result_with(example_face({20, 20, 600, 320})),
                        only(&OverlaySettings::blendshapes), {640, 360});

  EXPECT_GT(drawing.ink({20, 20, 600, 320}), 0);
  EXPECT_EQ(drawing.ink_outside({20, 20, 600, 320}), 0);
}

TEST(Overlay, KeepsTheBlendshapesOfNeighboursApart) {
  FrameResult result = result_with(example_face({300, 200, 160, 160}));
  result.faces.push_back(example_face({500, 200, 160, 160}));

  const Drawing drawing(result, only(&OverlaySettings::blendshapes));

  EXPECT_GT(drawing.ink({0, 200, 300, 160}), 0) << "the first face's other side is free";
  EXPECT_EQ(drawing.ink({500, 200, 160, 160}), 0) << "the second face is not covered";
}

TEST(Overlay, LeavesOutWeakBlendshapes) {
  Face face = example_face({500, 200, 200, 200});
  face.blendshapes->fill(0.05F);

  EXPECT_EQ(Drawing(result_with(face), only(&OverlaySettings::blendshapes)).ink(), 0);
}

TEST(Overlay, DoesNotCoverASmallFace) {
  const Box<FramePx> box{600, 300, 30, 30};
  const Drawing drawing(result_with(example_face(box)), {.caption = false});

  EXPECT_EQ(drawing.ink(grown(box, -3)), 0);
  EXPECT_LT(drawing.ink(box), 150) << "of 900 pixels";
}

TEST(Overlay, DrawsThickerLinesOnLargePictures) {
  const auto thickness = [](Size size, float face_px) {
    const Drawing drawing(result_with(example_face({100, 100, face_px, face_px})),
                          only(&OverlaySettings::boxes), size);
    return drawing.ink({90, 100 + face_px * 0.15F, 20, 1});
  };

  EXPECT_LE(thickness({640, 360}, 80), 5);
  EXPECT_GT(thickness({3840, 2160}, 480), 2 * thickness({640, 360}, 80));
}

TEST(Overlay, GivesEachTrackItsColour) {
  const auto drawing_of = [](std::uint32_t id) {
    Face face = example_face({500, 200, 200, 200});
    face.track = TrackId{id};
    return Drawing(result_with(face), only(&OverlaySettings::boxes)).at(500, 230);
  };

  EXPECT_EQ(drawing_of(1), drawing_of(1));
  EXPECT_NE(drawing_of(1), drawing_of(2));
}

TEST(Overlay, TakesFacesThatAreOutsideThePictureOrEmpty) {
  for (const Box<FramePx> box :
       {Box<FramePx>{-500, -500, 200, 200}, Box<FramePx>{-50, -60, 2000, 1500},
        Box<FramePx>{1270, 700, 300, 300}, Box<FramePx>{10, 10, 0, 0}, Box<FramePx>{10, 10, -5, 20},
        Box<FramePx>{1e6F, -1e6F, 1e5F, 1e5F}}) {
    const Drawing drawing(result_with(example_face(box)), {});
    EXPECT_GT(drawing.ink(), 0) << "the caption at least";
  }
}

TEST(Overlay, FitsOnAPictureOfOnePixel) {
  const Drawing drawing(example_result(), {}, {1, 1});

  EXPECT_LE(drawing.ink(), 1);
}

TEST(FaceMeshContours, NamePointsOfTheMeshOnceEach) {
  const auto check = [](const auto& indices) {
    const std::set<LandmarkIndex> unique(indices.begin(), indices.end());
    EXPECT_EQ(unique.size(), indices.size());
    EXPECT_LT(*unique.rbegin(), kFaceLandmarkCount);
  };
  check(kFaceOval);
  check(kOuterLips);
  check(kInnerLips);
  check(kLeftEye);
  check(kRightEye);
  check(kLeftEyebrow);
  check(kRightEyebrow);
  check(kNoseBridge);
  check(kNoseBase);
  check(kLeftIris);
  check(kRightIris);
}

FrameResult result_with(Person person) {
  FrameResult result = empty_result();
  result.persons = {std::move(person)};
  return result;
}

TEST(Overlay, DrawsThePersonsBoxOnItsEdges) {
  const Person person = example_person({400, 100, 200, 500});
  const Drawing drawing(result_with(person), only(&OverlaySettings::boxes));

  EXPECT_TRUE(drawing.inked(400, 300));
  EXPECT_TRUE(drawing.inked(599, 300));
  EXPECT_TRUE(drawing.inked(500, 100));
  EXPECT_TRUE(drawing.inked(500, 599));
  EXPECT_EQ(drawing.ink_outside(grown(person.box, 8)), 0);
  EXPECT_FALSE(drawing.inked(500, 300)) << "the person stays visible";
}

TEST(Overlay, DrawsBonesBetweenPointsThatAreSeen) {
  Person person = example_person({400, 100, 200, 500});
  for (ScoredPoint<FramePx>& point : *person.keypoints)
    point.score = 0.1F;
  const auto put = [&person](BodyKeypoint keypoint, Point<FramePx> at) {
    (*person.keypoints)[static_cast<std::size_t>(keypoint)] = {at, 0.9F};
  };
  put(BodyKeypoint::left_shoulder, {550, 200});
  put(BodyKeypoint::left_elbow, {550, 300});
  put(BodyKeypoint::right_hip, {450, 400});
  const Drawing drawing(result_with(person), only(&OverlaySettings::skeletons));

  EXPECT_TRUE(drawing.inked(550, 250)) << "a bone between the two";
  EXPECT_TRUE(drawing.inked(450, 400)) << "a point without a bone";
  EXPECT_FALSE(drawing.inked(500, 300)) << "no bone to a point that no bone leads to";
  EXPECT_EQ(drawing.ink_outside({440, 190, 120, 220}), 0) << "guesses are not drawn";
}

TEST(Overlay, DrawsThePersonsLeftAndRightInDifferentColours) {
  Person person = example_person({400, 100, 200, 500});
  for (ScoredPoint<FramePx>& point : *person.keypoints)
    point = {{500, 600}, 0.9F};
  const auto put = [&person](BodyKeypoint keypoint, Point<FramePx> at) {
    (*person.keypoints)[static_cast<std::size_t>(keypoint)] = {at, 0.9F};
  };
  put(BodyKeypoint::left_elbow, {580, 200});
  put(BodyKeypoint::left_wrist, {580, 300});
  put(BodyKeypoint::right_elbow, {420, 200});
  put(BodyKeypoint::right_wrist, {420, 300});
  const Drawing drawing(result_with(person), only(&OverlaySettings::skeletons));

  EXPECT_GT(drawing.at(580, 250)[2], drawing.at(580, 250)[0]) << "left is warm";
  EXPECT_GT(drawing.at(420, 250)[0], drawing.at(420, 250)[2]) << "right is cool";
}

}  // namespace
}  // namespace retinue
