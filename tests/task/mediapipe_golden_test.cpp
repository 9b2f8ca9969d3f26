// The default models, by what their makers' own programs compute.
#include <algorithm>
#include <array>
#include <cmath>
#include <fstream>
#include <random>
#include <sstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "media/default_models.hpp"
#include "task/analysis_of.hpp"
#include "task/face_blendshapes.hpp"
#include "task/recording_sampler.hpp"

namespace retinue {
namespace {

/// The numbers of every line "`key`: number" of a prototext, in the file's order.
std::vector<float> numbers_of(const std::filesystem::path& prototext, const std::string& key) {
  std::ifstream words(prototext);
  std::vector<float> numbers;
  std::string word;
  float number = 0;
  while (words >> word) {
    if (word == key + ":" && words >> number) numbers.push_back(number);
  }
  return numbers;
}

/// The outputs of a session of one input.
std::vector<std::vector<float>> run(const Session& session, const TensorView& input) {
  std::vector<Tensor> outputs;
  std::vector<TensorView> views;
  for (const TensorDescription& output : session.outputs()) {
    Shape shape = output.shape;
    shape[0] = input.shape[0];
    views.push_back(outputs.emplace_back(ElementType::float32, shape).view());
  }
  Stream stream;
  const Result<void> done = session.run(std::array{input}, views, stream);
  if (!done) ADD_FAILURE() << done.error().message();
  std::vector<std::vector<float>> numbers;
  numbers.reserve(views.size());
  for (const TensorView& view : views)
    numbers.emplace_back(view.floats().begin(), view.floats().end());
  return numbers;
}

/// Of the first face, which has landmarks.
Blendshapes blendshapes_of(const Step& step, FrameAnalysis& analysis) {
  const Tensor input(ElementType::float32, step.input_shape(analysis));
  const Tensor output(ElementType::float32, step.output_shapes(input.shape()).at(0));
  RecordingSampler unused;
  Stream stream;
  EXPECT_TRUE(step.prepare(analysis, 0, unused, input.view()));
  EXPECT_TRUE(step.session()->run(std::array{input.view()}, std::array{output.view()}, stream));
  EXPECT_TRUE(step.postprocess(analysis, 0, std::array{output.view()}));
  return analysis.faces[0].blendshapes.value_or(Blendshapes{});
}

/// The largest difference between an output of `row_count` random rows run together and of each
/// alone, relative to 1 plus the output. Kernels may add in another order for another batch size.
float difference_of_batch_and_rows(const Session& session, std::int64_t row_count) {
  std::mt19937 random(10);
  std::uniform_real_distribution<float> any(0, 1);
  Shape shape = session.inputs()[0].shape;
  shape[0] = row_count;
  const Tensor input(ElementType::float32, shape);
  for (float& value : input.floats())
    value = any(random);
  const std::vector<std::vector<float>> batch = run(session, input.view());
  float largest = 0;
  for (std::int64_t row = 0; row < row_count; ++row) {
    const std::vector<std::vector<float>> alone = run(session, input.view().slice(row, 1));
    for (std::size_t o = 0; o < batch.size(); ++o) {
      const std::size_t first = static_cast<std::size_t>(row) * alone[o].size();
      for (std::size_t i = 0; i < alone[o].size(); ++i) {
        const float apart = std::abs(batch[o][first + i] - alone[o][i]);
        largest = std::max(largest, apart / (1 + std::abs(alone[o][i])));
      }
    }
  }
  return largest;
}

using DefaultModels = MirrorTest;

TEST_F(DefaultModels, BlendshapesEqualMediaPipesFromItsOwnLandmarks) {
  const auto golden = [this](const char* file, const char* key) {
    return numbers_of(media(std::filesystem::path("golden/mediapipe") / file), key);
  };
  const std::vector<float> x = golden("face_blendshapes_in_landmarks.prototxt", "x");
  const std::vector<float> y = golden("face_blendshapes_in_landmarks.prototxt", "y");
  const std::vector<float> expected = golden("face_blendshapes_out.prototxt", "score");
  ASSERT_EQ(x.size(), kFaceLandmarkCount);
  ASSERT_EQ(y.size(), kFaceLandmarkCount);
  ASSERT_EQ(expected.size(), kBlendshapeCount);

  // The golden's landmarks are fractions of a picture of 820 x 1024; only its aspect counts.
  FrameAnalysis analysis = analysis_of({.stored = {820, 1024}});
  analysis.faces.resize(1);
  for (std::size_t i = 0; i < kFaceLandmarkCount; ++i)
    analysis.faces[0].landmarks.push_back({820 * x[i], 1024 * y[i], 0});

  const LoadedModel model = default_model(ModelTask::blendshapes);
  const Blendshapes found = blendshapes_of(*create_face_blendshapes(model.session), analysis);
  for (std::size_t i = 0; i < kBlendshapeCount; ++i)
    EXPECT_NEAR(found[i], expected[i], 0.01) << blendshape_names()[i];
}

TEST_F(DefaultModels, ABatchEqualsItsRowsOneByOne) {
  int batched = 0;
  for (const ModelTask task : {ModelTask::landmarks, ModelTask::blendshapes}) {
    const LoadedModel model = default_model(task);
    if (model.session->inputs()[0].shape[0] >= 0) continue;  // Closed: lanes run it row by row.
    EXPECT_LT(difference_of_batch_and_rows(*model.session, 3), 1e-3) << model.name;
    ++batched;
  }
  EXPECT_GE(batched, 1) << "the import opens the mesh's batch axis";
}

}  // namespace
}  // namespace retinue
