// The whole way from a picture's file to a face's vector and emotions, with the default models.
#include <algorithm>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "media/default_models.hpp"
#include "pipeline/analysed_picture.hpp"

namespace retinue {
namespace {

class FacePictures : public MirrorTest {
 protected:
  /// The faces from the picture's left to its right.
  std::vector<Face> faces_of(ModelTask task, const std::string& file) const {
    const std::vector<LoadedModel> models = {default_model(ModelTask::faces), default_model(task)};
    AnalysedFrame analysed = analysed_picture(models, name_of(task), picture(file));
    std::ranges::sort(analysed.faces, {}, [](const Face& face) { return face.box.x; });
    return std::move(analysed.faces);
  }

  /// Of a picture with one face.
  std::string strongest_emotion(const std::string& file) const {
    const std::vector<Face> faces = faces_of(ModelTask::emotion, file);
    if (faces.size() != 1 || !faces[0].emotions) return "not one face";
    const Emotions& emotions = *faces[0].emotions;
    EXPECT_NEAR(std::accumulate(emotions.begin(), emotions.end(), 0.0F), 1, 1e-5);
    const auto* const strongest = std::ranges::max_element(emotions);
    return std::string(kEmotionNames.at(static_cast<std::size_t>(strongest - emotions.begin())));
  }
};

float cosine(const Face& a, const Face& b) {
  const std::span<const float> x = a.embedding->values();
  const std::span<const float> y = b.embedding->values();
  return std::inner_product(x.begin(), x.end(), y.begin(), 0.0F);
}

TEST_F(FacePictures, APersonIsNearerToThemselvesInAnotherPictureThanToAnother) {
  const std::string folder = "images/face_recognition/";
  const std::vector<Face> left = faces_of(ModelTask::embedding, folder + "obama.jpg");
  const std::vector<Face> right = faces_of(ModelTask::embedding, folder + "biden.jpg");
  const std::vector<Face> both = faces_of(ModelTask::embedding, folder + "two_people.jpg");
  ASSERT_EQ(left.size(), 1U);
  ASSERT_EQ(right.size(), 1U);
  ASSERT_EQ(both.size(), 2U);
  ASSERT_EQ(both[0].embedding->values().size(), 128U);

  // Upstream's pairs: the same person 0.72, others at most 0.26.
  EXPECT_GT(cosine(left[0], both[0]), 0.5F);
  EXPECT_GT(cosine(right[0], both[1]), 0.5F);
  EXPECT_LT(cosine(left[0], right[0]), 0.3F);
  EXPECT_LT(cosine(left[0], both[1]), 0.3F);
  EXPECT_LT(cosine(right[0], both[0]), 0.3F);
}

TEST_F(FacePictures, AFaceIsTheSamePersonAtEverySize) {
  const std::string folder = "images/face_recognition/";
  const std::vector<Face> large = faces_of(ModelTask::embedding, folder + "obama-1080p.jpg");
  const std::vector<Face> small = faces_of(ModelTask::embedding, folder + "obama-240p.jpg");
  ASSERT_EQ(large.size(), 1U);
  ASSERT_EQ(small.size(), 1U);
  EXPECT_GT(cosine(large[0], small[0]), 0.8F);
}

TEST_F(FacePictures, SmilesAreHappyAndOpenMouthsWithRaisedBrowsSurprised) {
  EXPECT_EQ(strongest_emotion("images/pyfeat/0-f15-hao-ph.jpg"), "happy");
  EXPECT_EQ(strongest_emotion("images/face_recognition/obama.jpg"), "happy");
  EXPECT_EQ(strongest_emotion("images/pyfeat/0-f1-su-ph.jpg"), "surprise");
}

}  // namespace
}  // namespace retinue
