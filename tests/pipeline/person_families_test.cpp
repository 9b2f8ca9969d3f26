// Every family of models of persons and poses, from a picture to persons in its pixels: recognised,
// imported, fed by the sampler, run and read. The models are constants with known boxes.
#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "models/class_names.hpp"
#include "models/constant_heads.hpp"
#include "models/import.hpp"
#include "pipeline/lane.hpp"
#include "preprocess/test_picture.hpp"
#include "task/task_list.hpp"

namespace retinue {
namespace {

using testing::HasSubstr;
using testing::SizeIs;

/// Who is in the pictures, in shares of their sides; the better one first.
struct Known {
  double center_x, center_y, width, height, score;
};
constexpr std::array kKnown = {Known{0.30, 0.45, 0.20, 0.70, 0.9},
                               Known{0.75, 0.60, 0.15, 0.50, 0.7}};

/// How a family was said to put a picture into its input.
enum class Fit { top_left, centered, stretched };

constexpr std::array kPictures = {Size{640, 360}, Size{360, 640}, Size{200, 200}};

struct InTensor {
  double x, y, width, height, score;
};

/// Where the known persons are in an input of this size: scale and padding by hand.
std::vector<InTensor> in_tensor(Size picture, Size input, Fit fit) {
  double sx = static_cast<double>(input.width) / picture.width;
  double sy = static_cast<double>(input.height) / picture.height;
  double left = 0;
  double top = 0;
  if (fit != Fit::stretched) sx = sy = std::min(sx, sy);
  if (fit == Fit::centered) {
    left = (input.width - picture.width * sx) / 2;
    top = (input.height - picture.height * sy) / 2;
  }
  std::vector<InTensor> persons;
  for (const Known& known : kKnown) {
    persons.push_back({known.center_x * picture.width * sx + left,
                       known.center_y * picture.height * sy + top, known.width * picture.width * sx,
                       known.height * picture.height * sy, known.score});
  }
  return persons;
}

float f(double value) {
  return static_cast<float>(value);
}

double logit(double p) {
  return std::log(p / (1 - p));
}

ModelFile file_of(TinyGraph& graph, ModelTask task) {
  ModelFile file;
  file.path = "mine.onnx";
  Result<ImportedModel> imported = import_model(graph.bytes());
  if (!imported) {
    ADD_FAILURE() << imported.error().message();
    return file;
  }
  file.graph = std::move(imported->graph);
  file.signature = read_signature(file.graph).value();
  const Result<ModelFamily> family = recognise_family(file.signature, task);
  if (!family) {
    ADD_FAILURE() << family.error().message();
    return file;
  }
  file.family = *family;
  return file;
}

LoadedModel opened(TinyGraph& graph, ModelTask task, ModelFamily family) {
  const ModelFile file = file_of(graph, task);
  EXPECT_EQ(name_of(file.family), name_of(family));
  Result<LoadedModel> model = open_model(task, file, {});
  if (!model) {
    ADD_FAILURE() << model.error().message();
    return {};
  }
  return *std::move(model);
}

TestPicture grey_picture(Size size) {
  TestPicture picture({.format = PixelFormat::yuv420p, .size = size});
  picture.fill({128, 128, 128});
  return picture;
}

std::vector<Person> analyse(const std::vector<LoadedModel>& models, const TestPicture& picture,
                            const std::string& tasks, const PersonTaskSettings& settings = {}) {
  const Result<AnalysisPlan> plan =
      create_plan(parse_task_list(tasks)->closure(), models, {}, settings);
  if (!plan) {
    ADD_FAILURE() << plan.error().message();
    return {};
  }
  StageTable stages;
  Lane lane({.steps = plan->steps, .stages = &stages}, *create_sampler({}));
  AnalysedFrame analysed = lane.analyse(picture.frame());
  if (analysed.error) ADD_FAILURE() << analysed.error->message();
  return std::move(analysed.persons);
}

void expect_known_persons(const std::vector<Person>& persons, Size picture, double tolerance_px) {
  ASSERT_THAT(persons, SizeIs(kKnown.size())) << picture.width << "x" << picture.height;
  for (std::size_t i = 0; i < kKnown.size(); ++i) {
    const Box<FramePx>& box = persons[i].box;
    EXPECT_NEAR(box.center().x, kKnown[i].center_x * picture.width, tolerance_px);
    EXPECT_NEAR(box.center().y, kKnown[i].center_y * picture.height, tolerance_px);
    EXPECT_NEAR(box.width, kKnown[i].width * picture.width, tolerance_px);
    EXPECT_NEAR(box.height, kKnown[i].height * picture.height, tolerance_px);
    EXPECT_NEAR(persons[i].score, kKnown[i].score, 0.01);
    EXPECT_FALSE(persons[i].weak);
  }
}

/// Makes the model for the known persons in a picture and expects to find them there.
template <typename MakeHeads>
void expect_found(const MakeHeads& make_heads, ModelFamily family, Size input, Fit fit,
                  double tolerance_px = 0.05) {
  for (const Size size : kPictures) {
    ConstantHeads heads({1, 3, input.height, input.width});
    make_heads(heads, in_tensor(size, input, fit));
    const LoadedModel model = opened(heads.graph(), ModelTask::persons, family);
    if (model.session == nullptr) return;
    expect_known_persons(analyse({model}, grey_picture(size), "persons"), size, tolerance_px);
  }
}

// --- detectors ------------------------------------------------------------------------------

/// The raw head of YOLOX, [1, cells, 85], and of each cell its place and its stride.
struct YoloxHead {
  std::vector<float> values;
  std::vector<float> grid;  ///< Column and row.
  std::vector<float> strides;
  std::int64_t cells = 0;
};

YoloxHead yolox_head(const std::vector<InTensor>& persons, Size input) {
  YoloxHead head;
  for (const int stride : {8, 16, 32}) {
    const int columns = input.width / stride;
    const int rows = input.height / stride;
    std::vector<float> map(static_cast<std::size_t>(columns * rows) * 85, 0.0F);
    for (std::size_t i = 0; i < persons.size(); ++i) {
      // Each on another map.
      if (stride != (i == 0 ? 32 : 16)) continue;
      const InTensor& person = persons[i];
      const int column = static_cast<int>(person.x / stride);
      const int row = static_cast<int>(person.y / stride);
      float* cell = &map[static_cast<std::size_t>(row * columns + column) * 85];
      cell[0] = f(person.x / stride - column);
      cell[1] = f(person.y / stride - row);
      cell[2] = f(std::log(person.width / stride));
      cell[3] = f(std::log(person.height / stride));
      cell[4] = 1;
      cell[5] = f(person.score);
    }
    head.values.insert(head.values.end(), map.begin(), map.end());
    for (int cell = 0; cell < columns * rows; ++cell) {
      head.grid.push_back(f(cell % columns));
      head.grid.push_back(f(cell / columns));
      head.strides.push_back(f(stride));
    }
    head.cells += columns * rows;
  }
  return head;
}

TEST(PersonFamilies, YoloxIsReadFromItsRawHead) {
  for (const Size input : {Size{416, 416}, Size{320, 192}}) {
    const auto make = [input](ConstantHeads& heads, const std::vector<InTensor>& persons) {
      const YoloxHead head = yolox_head(persons, input);
      heads.output("output", {1, head.cells, 85}, head.values);
    };
    expect_found(make, ModelFamily::yolox, input, Fit::top_left);
  }
}

/// As YOLOX's exporter does with decode_in_inference; the names and shapes of the model's ends are
/// those of the raw head.
void add_decoded_yolox(ConstantHeads& heads, const YoloxHead& head) {
  heads.output("raw", {1, head.cells, 85}, head.values);
  TinyGraph& graph = heads.graph();
  graph.model().mutable_graph()->clear_output();
  const auto slice = [&graph](const std::string& to, std::int64_t begin, std::int64_t end) {
    graph.integers(to + "_begin", {begin}).integers(to + "_end", {end});
    graph.node("Slice", {"raw", to + "_begin", to + "_end", "last_axis"}, to);
  };
  graph.integers("last_axis", {2});
  slice("offset", 0, 2);
  slice("log_size", 2, 4);
  slice("scores", 4, 85);
  graph.constant("grid", {1, head.cells, 2}, head.grid);
  graph.constant("strides", {1, head.cells, 1}, head.strides);
  graph.node("Add", {"offset", "grid"}, "place").node("Mul", {"place", "strides"}, "center");
  graph.node("Exp", {"log_size"}, "cells").node("Mul", {"cells", "strides"}, "size");
  graph.node("Concat", {"center", "size", "scores"}, "output").attribute("axis", -1);
  graph.output("output", {1, head.cells, 85});
}

TEST(PersonFamilies, YoloxThatDecodesItsBoxesIsToldFromTheRawHeadByItsGraph) {
  for (const Size input : {Size{416, 416}, Size{320, 192}}) {
    const auto make = [input](ConstantHeads& heads, const std::vector<InTensor>& persons) {
      add_decoded_yolox(heads, yolox_head(persons, input));
    };
    expect_found(make, ModelFamily::yolox_decoded, input, Fit::top_left);
  }
}

/// Scores and distributions of the strides from 8 on, for NanoDet and PicoDet.
void add_focal_heads(ConstantHeads& heads, const std::vector<InTensor>& persons, Size input,
                     int levels) {
  std::vector<std::vector<float>> boxes;
  std::vector<std::int64_t> counts;
  for (int level = 0; level < levels; ++level) {
    const int stride = 8 << level;
    const int columns = (input.width + stride - 1) / stride;
    const int rows = (input.height + stride - 1) / stride;
    std::vector<float> scores(static_cast<std::size_t>(columns * rows) * 80, 0.0F);
    std::vector<float>& distances =
        boxes.emplace_back(static_cast<std::size_t>(columns * rows) * 32, 0.0F);
    counts.push_back(columns * rows);
    for (std::size_t i = 0; i < persons.size(); ++i) {
      const InTensor& person = persons[i];
      // Seven strides have to be far enough.
      const auto reaches = [&person](int s) {
        return std::max(person.width, person.height) / 2 + s / 2.0 <= 7 * s;
      };
      if (!reaches(stride) || (stride > 8 && reaches(stride / 2))) continue;
      const auto column = static_cast<int>(person.x / stride);
      const auto row = static_cast<int>(person.y / stride);
      const auto cell = static_cast<std::size_t>(row * columns + column);
      scores[cell * 80] = f(person.score);
      const double x = (column + 0.5) * stride;
      const double y = (row + 0.5) * stride;
      const std::array<double, 4> sides = {
          x - (person.x - person.width / 2), y - (person.y - person.height / 2),
          person.x + person.width / 2 - x, person.y + person.height / 2 - y};
      for (std::size_t side = 0; side < 4; ++side) {
        // Two neighbouring bins whose mean is the distance.
        const double bins = sides[side] / stride;
        const auto low = static_cast<std::size_t>(bins);
        const double share = std::max(1e-9, bins - static_cast<double>(low));
        for (std::size_t bin = 0; bin < 8; ++bin) {
          double p = 1e-12;
          if (bin == low) p = 1 - share;
          if (bin == low + 1) p = share;
          distances[(cell * 4 + side) * 8 + bin] = f(std::log(p));
        }
      }
    }
    heads.output("scores" + std::to_string(level), {1, counts.back(), 80}, scores);
  }
  for (int level = 0; level < levels; ++level) {
    const auto i = static_cast<std::size_t>(level);
    heads.output("boxes" + std::to_string(level), {1, counts[i], 32}, boxes[i]);
  }
}

TEST(PersonFamilies, NanodetIsReadFromItsDistributions) {
  for (const Size input : {Size{416, 416}, Size{416, 256}}) {
    expect_found(
        [input](auto& heads, const auto& persons) { add_focal_heads(heads, persons, input, 3); },
        ModelFamily::nanodet, input, Fit::centered);
  }
}

TEST(PersonFamilies, PicodetSeesThePictureStretched) {
  for (const Size input : {Size{416, 416}, Size{416, 320}}) {
    expect_found(
        [input](auto& heads, const auto& persons) { add_focal_heads(heads, persons, input, 4); },
        ModelFamily::picodet, input, Fit::stretched);
  }
}

TEST(PersonFamilies, FastestdetIsReadFromItsOneMap) {
  const Size input{352, 352};
  const auto make = [input](ConstantHeads& heads, const std::vector<InTensor>& persons) {
    constexpr int kSide = 22;
    std::vector<float> map(85 * kSide * kSide, 0.0F);
    for (const InTensor& person : persons) {
      const double x = person.x / input.width * kSide;
      const double y = person.y / input.height * kSide;
      const int column = static_cast<int>(x);
      const int row = static_cast<int>(y);
      const auto put = [&](int channel, double value) {
        map[static_cast<std::size_t>((channel * kSide + row) * kSide + column)] = f(value);
      };
      put(0, person.score);
      put(1, std::atanh(x - column));
      put(2, std::atanh(y - row));
      put(3, logit(person.width / input.width));
      put(4, logit(person.height / input.height));
      put(5, person.score);  // s^0.6 · s^0.4
    }
    heads.output("758", {1, 85, kSide, kSide}, map);
  };
  expect_found(make, ModelFamily::fastestdet, input, Fit::stretched);
}

std::int64_t cell_count(Size input) {
  std::int64_t count = 0;
  for (const int stride : {8, 16, 32})
    count += (input.width / stride) * (input.height / stride);
  return count;
}

TEST(PersonFamilies, Yolov5HasRowsWithObjectness) {
  for (const Size input : {Size{320, 320}, Size{320, 192}}) {
    const auto make = [input](ConstantHeads& heads, const std::vector<InTensor>& persons) {
      const std::int64_t rows = 3 * cell_count(input);
      std::vector<float> values(static_cast<std::size_t>(rows) * 85, 0.0F);
      for (std::size_t i = 0; i < persons.size(); ++i) {
        float* row = &values[(17 + 40 * i) * 85];
        row[0] = f(persons[i].x);
        row[1] = f(persons[i].y);
        row[2] = f(persons[i].width);
        row[3] = f(persons[i].height);
        row[4] = f(persons[i].score);
        row[5] = 1;
      }
      heads.output("output0", {1, rows, 85}, values);
    };
    expect_found(make, ModelFamily::yolov5, input, Fit::centered);
  }
}

/// Columns of centre and size, and a score of the class `person`.
void add_columns(ConstantHeads& heads, const std::vector<InTensor>& persons, Size input,
                 std::size_t classes, std::size_t person) {
  const auto columns = static_cast<std::size_t>(cell_count(input));
  std::vector<float> values((4 + classes) * columns, 0.0F);
  for (std::size_t i = 0; i < persons.size(); ++i) {
    const std::size_t column = 5 + 30 * i;
    values[0 * columns + column] = f(persons[i].x);
    values[1 * columns + column] = f(persons[i].y);
    values[2 * columns + column] = f(persons[i].width);
    values[3 * columns + column] = f(persons[i].height);
    values[(4 + person) * columns + column] = f(persons[i].score);
  }
  heads.output("output0", {1, static_cast<std::int64_t>(4 + classes), cell_count(input)}, values);
}

TEST(PersonFamilies, Yolov8HasColumnsWithoutObjectness) {
  for (const Size input : {Size{320, 320}, Size{192, 320}}) {
    expect_found(
        [input](auto& heads, const auto& persons) { add_columns(heads, persons, input, 80, 0); },
        ModelFamily::yolov8, input, Fit::centered);
  }
}

TEST(PersonFamilies, TheMetadataSayWhichClassIsThePerson) {
  const Size input{320, 320};
  const auto make = [input](ConstantHeads& heads, const std::vector<InTensor>& persons) {
    add_columns(heads, persons, input, 3, 2);
    heads.metadata("names", "{0: 'car', 1: \"dog's bed\", 2: 'Person'}").metadata("task", "detect");
  };
  expect_found(make, ModelFamily::yolov8, input, Fit::centered);
}

TEST(PersonFamilies, Yolov10IsEndToEnd) {
  const Size input{320, 192};
  const auto make = [](ConstantHeads& heads, const std::vector<InTensor>& persons) {
    std::vector<float> values(300 * 6, 0.0F);
    for (std::size_t i = 0; i < persons.size(); ++i) {
      float* row = &values[i * 6];
      row[0] = f(persons[i].x - persons[i].width / 2);
      row[1] = f(persons[i].y - persons[i].height / 2);
      row[2] = f(persons[i].x + persons[i].width / 2);
      row[3] = f(persons[i].y + persons[i].height / 2);
      row[4] = f(persons[i].score);
    }
    // Something else, and sure of it.
    values[2 * 6 + 2] = values[2 * 6 + 3] = 100;
    values[2 * 6 + 4] = 0.99F;
    values[2 * 6 + 5] = 16;
    heads.output("output0", {1, 300, 6}, values);
  };
  expect_found(make, ModelFamily::yolov10, input, Fit::centered);
}

TEST(PersonFamilies, RtdetrHasLogitsAndBoxesAsShares) {
  const Size input{320, 192};
  const auto make = [input](ConstantHeads& heads, const std::vector<InTensor>& persons) {
    std::vector<float> logits(300 * 80, -10.0F);
    std::vector<float> boxes(300 * 4, 0.5F);
    for (std::size_t i = 0; i < persons.size(); ++i) {
      logits[i * 80] = f(logit(persons[i].score));
      boxes[4 * i] = f(persons[i].x / input.width);
      boxes[4 * i + 1] = f(persons[i].y / input.height);
      boxes[4 * i + 2] = f(persons[i].width / input.width);
      boxes[4 * i + 3] = f(persons[i].height / input.height);
    }
    heads.output("logits", {1, 300, 80}, logits).output("pred_boxes", {1, 300, 4}, boxes);
  };
  expect_found(make, ModelFamily::rtdetr, input, Fit::stretched);
}

TEST(PersonFamilies, RtdetrOfUltralyticsHasBothInOne) {
  const Size input{320, 320};
  const auto make = [input](ConstantHeads& heads, const std::vector<InTensor>& persons) {
    std::vector<float> values(300 * 84, 0.0F);
    for (std::size_t i = 0; i < persons.size(); ++i) {
      float* row = &values[84 * i];
      row[0] = f(persons[i].x / input.width);
      row[1] = f(persons[i].y / input.height);
      row[2] = f(persons[i].width / input.width);
      row[3] = f(persons[i].height / input.height);
      row[4] = f(persons[i].score);
    }
    heads.output("output0", {1, 300, 84}, values);
  };
  expect_found(make, ModelFamily::rtdetr, input, Fit::stretched);
}

TEST(PersonFamilies, DfineIsAskedForBoxesInThePixelsOfItsInput) {
  const Size input{320, 192};
  const auto make = [input](ConstantHeads& heads, const std::vector<InTensor>& persons) {
    std::vector<float> shares(300 * 4, 0.0F);
    std::vector<float> scores(300, 0.0F);
    std::vector<std::int64_t> labels(300, 7);
    for (std::size_t i = 0; i < persons.size(); ++i) {
      shares[4 * i] = f((persons[i].x - persons[i].width / 2) / input.width);
      shares[4 * i + 1] = f((persons[i].y - persons[i].height / 2) / input.height);
      shares[4 * i + 2] = f((persons[i].x + persons[i].width / 2) / input.width);
      shares[4 * i + 3] = f((persons[i].y + persons[i].height / 2) / input.height);
      scores[i] = f(persons[i].score);
      labels[i] = 0;
    }
    // The boxes are shares times the size that is asked for.
    TinyGraph& graph = heads.graph();
    graph.input("orig_target_sizes", {1, 2}, onnx::TensorProto::INT64);
    graph.integers("label_values", labels).integers("label_shape", {1, 300});
    graph.node("Reshape", {"label_values", "label_shape"}, "labels");
    graph.node("Cast", {"orig_target_sizes"}, "size").attribute("to", onnx::TensorProto::FLOAT);
    graph.node("Concat", {"size", "size"}, "twice").attribute("axis", 1);
    graph.integers("box_row", {1, 1, 4}).node("Reshape", {"twice", "box_row"}, "factors");
    graph.constant("shares", {1, 300, 4}, shares).node("Mul", {"shares", "factors"}, "boxes");
    graph.output("labels", {1, 300}, onnx::TensorProto::INT64).output("boxes", {1, 300, 4});
    heads.output("scores", {1, 300}, scores);
  };
  expect_found(make, ModelFamily::rtdetr, input, Fit::stretched);
}

TEST(PersonFamilies, BlazePosesDetectorHasCirclesAroundTheHips) {
  const Size input{224, 224};
  for (const Size size : kPictures) {
    const std::vector<InTensor> persons = in_tensor(size, input, Fit::centered);
    std::vector<float> regressors(2254 * 12, 0.0F);
    std::vector<float> logits(2254, -20.0F);
    for (const InTensor& person : persons) {
      // Anchors of stride 8 come first, two a cell.
      const int column = static_cast<int>(person.x / 8);
      const int row = static_cast<int>(person.y / 8);
      const auto anchor = static_cast<std::size_t>((row * 28 + column) * 2 + 1);
      float* r = &regressors[12 * anchor];
      r[4] = r[6] = f(person.x - (column + 0.5) * 8);
      r[5] = f(person.y - (row + 0.5) * 8);
      r[7] = f(person.y - (row + 0.5) * 8 - person.height / 2);  // The rim is straight above.
      logits[anchor] = f(logit(person.score));
    }
    ConstantHeads heads({1, 3, 224, 224});
    heads.output("regressors", {1, 2254, 12}, regressors).output("scores", {1, 2254, 1}, logits);
    const LoadedModel model =
        opened(heads.graph(), ModelTask::persons, ModelFamily::blazepose_detector);
    ASSERT_NE(model.session, nullptr);
    const std::vector<Person> found = analyse({model}, grey_picture(size), "persons");
    ASSERT_THAT(found, SizeIs(kKnown.size()));
    for (std::size_t i = 0; i < kKnown.size(); ++i) {
      EXPECT_NEAR(found[i].box.center().x, kKnown[i].center_x * size.width, 0.05);
      EXPECT_NEAR(found[i].box.center().y, kKnown[i].center_y * size.height, 0.05);
      EXPECT_NEAR(found[i].box.height, kKnown[i].height * size.height, 0.05);
      EXPECT_NEAR(found[i].box.width, found[i].box.height, 0.01);
    }
  }
}

TEST(PersonFamilies, AModelWithAnOpenSizeGetsThePictureInMultiplesOf32) {
  // Only the model's signature is open; what it answers fits one picture.
  const Size picture{640, 360};
  const Size input{320, 192};
  ConstantHeads heads({1, 3, input.height, input.width});
  add_columns(heads, in_tensor(picture, input, Fit::centered), input, 80, 0);
  auto* const graph = heads.graph().model().mutable_graph();
  const auto open = [](onnx::ValueInfoProto* value, int axis, const std::string& name) {
    value->mutable_type()->mutable_tensor_type()->mutable_shape()->mutable_dim(axis)->set_dim_param(
        name);
  };
  open(graph->mutable_input(0), 2, "height");
  open(graph->mutable_input(0), 3, "width");
  open(graph->mutable_output(0), 2, "anchors");
  const LoadedModel model = opened(heads.graph(), ModelTask::persons, ModelFamily::yolov8);
  ASSERT_NE(model.session, nullptr);
  expect_known_persons(analyse({model}, grey_picture(picture), "persons", {.detect_size = 320}),
                       picture, 0.05);
}

// --- persons and their points at once -------------------------------------------------------

/// Where the k-th point of a person is: a spiral inside the box.
Point<FramePx> known_point(const Known& known, std::size_t k, Size picture) {
  const double angle = 0.7 * static_cast<double>(k);
  const double radius = 0.02 * static_cast<double>(k + 1);
  return {f((known.center_x + known.width * radius * std::cos(angle)) * picture.width),
          f((known.center_y + known.height * radius * std::sin(angle)) * picture.height)};
}

float known_score(std::size_t k) {
  return 0.95F - 0.05F * static_cast<float>(k);
}

void expect_known_points(const Person& person, const Known& known, Size picture,
                         double tolerance_px) {
  ASSERT_TRUE(person.keypoints);
  for (std::size_t k = 0; k < kBodyKeypointCount; ++k) {
    const Point<FramePx> at = known_point(known, k, picture);
    EXPECT_NEAR((*person.keypoints)[k].at.x, at.x, tolerance_px) << k;
    EXPECT_NEAR((*person.keypoints)[k].at.y, at.y, tolerance_px) << k;
    EXPECT_NEAR((*person.keypoints)[k].score, known_score(k), 0.01) << k;
  }
}

Point<TensorPx> centered_point(Point<FramePx> at, Size picture, Size input) {
  const double scale = std::min(static_cast<double>(input.width) / picture.width,
                                static_cast<double>(input.height) / picture.height);
  return {f(static_cast<double>(at.x) * scale + (input.width - picture.width * scale) / 2),
          f(static_cast<double>(at.y) * scale + (input.height - picture.height * scale) / 2)};
}

TEST(PersonFamilies, YoloPoseNeedsNoOtherModelForPersonsOrForPoses) {
  const Size input{320, 192};
  for (const ModelTask task : {ModelTask::persons, ModelTask::pose}) {
    for (const Size size : kPictures) {
      const std::vector<InTensor> persons = in_tensor(size, input, Fit::centered);
      const auto columns = static_cast<std::size_t>(cell_count(input));
      std::vector<float> values(56 * columns, 0.0F);
      for (std::size_t i = 0; i < persons.size(); ++i) {
        const auto put = [&](std::size_t row, double value) {
          values[row * columns + 9 + 20 * i] = f(value);
        };
        put(0, persons[i].x);
        put(1, persons[i].y);
        put(2, persons[i].width);
        put(3, persons[i].height);
        put(4, persons[i].score);
        for (std::size_t k = 0; k < kBodyKeypointCount; ++k) {
          const Point<TensorPx> at = centered_point(known_point(kKnown[i], k, size), size, input);
          put(5 + 3 * k, at.x);
          put(6 + 3 * k, at.y);
          put(7 + 3 * k, known_score(k));
        }
      }
      ConstantHeads heads({1, 3, input.height, input.width});
      heads.output("output0", {1, 56, cell_count(input)}, values);
      heads.metadata("task", "pose").metadata("kpt_shape", "[17, 3]");
      heads.metadata("names", "{0: 'person'}").metadata("stride", "32");
      const LoadedModel model = opened(heads.graph(), task, ModelFamily::yolo_pose);
      ASSERT_NE(model.session, nullptr);
      const std::vector<Person> found = analyse({model}, grey_picture(size), "pose");
      expect_known_persons(found, size, 0.05);
      for (std::size_t i = 0; i < found.size(); ++i)
        expect_known_points(found[i], kKnown[i], size, 0.05);
    }
  }
}

TEST(PersonFamilies, Yolo26PoseIsEndToEnd) {
  const Size input{192, 320};
  for (const Size size : kPictures) {
    const std::vector<InTensor> persons = in_tensor(size, input, Fit::centered);
    std::vector<float> values(300 * 57, 0.0F);
    for (std::size_t i = 0; i < persons.size(); ++i) {
      float* row = &values[57 * i];
      row[0] = f(persons[i].x - persons[i].width / 2);
      row[1] = f(persons[i].y - persons[i].height / 2);
      row[2] = f(persons[i].x + persons[i].width / 2);
      row[3] = f(persons[i].y + persons[i].height / 2);
      row[4] = f(persons[i].score);
      for (std::size_t k = 0; k < kBodyKeypointCount; ++k) {
        const Point<TensorPx> at = centered_point(known_point(kKnown[i], k, size), size, input);
        row[6 + 3 * k] = at.x;
        row[7 + 3 * k] = at.y;
        row[8 + 3 * k] = known_score(k);
      }
    }
    ConstantHeads heads({1, 3, input.height, input.width});
    heads.output("output0", {1, 300, 57}, values).metadata("task", "pose");
    const LoadedModel model = opened(heads.graph(), ModelTask::pose, ModelFamily::yolov10_pose);
    ASSERT_NE(model.session, nullptr);
    const std::vector<Person> found = analyse({model}, grey_picture(size), "pose");
    expect_known_persons(found, size, 0.05);
    for (std::size_t i = 0; i < found.size(); ++i)
      expect_known_points(found[i], kKnown[i], size, 0.05);
  }
}

// --- poses in a region around each person ---------------------------------------------------

/// A detector of the known persons.
LoadedModel known_detector(Size picture) {
  const Size input{320, 320};
  ConstantHeads heads({1, 3, input.height, input.width});
  add_columns(heads, in_tensor(picture, input, Fit::centered), input, 80, 0);
  return opened(heads.graph(), ModelTask::persons, ModelFamily::yolov8);
}

/// What a pose model says, in shares of its input: the k-th point.
Point<TensorPx> share_of(std::size_t k) {
  return {0.1F + 0.05F * static_cast<float>(k), 0.9F - 0.04F * static_cast<float>(k)};
}

/// Where shares of the input are in the picture: 1.25 times the box, made longer on one side to
/// have the input's aspect; by hand.
Point<FramePx> in_picture(Point<TensorPx> share, const Known& known, Size picture, Size input) {
  const double width = known.width * picture.width;
  const double height = known.height * picture.height;
  const double aspect = static_cast<double>(input.width) / input.height;
  const double region_width = 1.25 * std::max(width, height * aspect);
  const double region_height = region_width / aspect;
  return {
      f(known.center_x * picture.width + (static_cast<double>(share.x) - 0.5) * region_width),
      f(known.center_y * picture.height + (static_cast<double>(share.y) - 0.5) * region_height)};
}

void expect_points_at_shares(const std::vector<Person>& persons, Size picture, Size input,
                             Point<TensorPx> offset_px, double tolerance_px) {
  ASSERT_THAT(persons, SizeIs(kKnown.size()));
  for (std::size_t i = 0; i < kKnown.size(); ++i) {
    ASSERT_TRUE(persons[i].keypoints);
    for (std::size_t k = 0; k < kBodyKeypointCount; ++k) {
      const Point<TensorPx> share =
          share_of(k) + Point<TensorPx>{offset_px.x / static_cast<float>(input.width),
                                        offset_px.y / static_cast<float>(input.height)};
      const Point<FramePx> at = in_picture(share, kKnown[i], picture, input);
      EXPECT_NEAR((*persons[i].keypoints)[k].at.x, at.x, tolerance_px) << k;
      EXPECT_NEAR((*persons[i].keypoints)[k].at.y, at.y, tolerance_px) << k;
    }
  }
}

std::vector<float> movenet_values() {
  std::vector<float> values;
  for (std::size_t k = 0; k < kBodyKeypointCount; ++k) {
    values.push_back(share_of(k).y);
    values.push_back(share_of(k).x);
    values.push_back(known_score(k));
  }
  return values;
}

TEST(PoseFamilies, MovenetIsReadInBothLayouts) {
  for (const bool planar : {true, false}) {
    for (const Size size : kPictures) {
      ConstantHeads heads =
          planar ? ConstantHeads({1, 3, 192, 192}) : ConstantHeads({1, 192, 192, 3});
      heads.output("keypoints", {1, 1, 17, 3}, movenet_values());
      const LoadedModel model = opened(heads.graph(), ModelTask::pose, ModelFamily::movenet);
      ASSERT_NE(model.session, nullptr);
      const std::vector<Person> persons =
          analyse({known_detector(size), model}, grey_picture(size), "pose");
      expect_known_persons(persons, size, 0.05);
      expect_points_at_shares(persons, size, {192, 192}, {}, 0.05);
      EXPECT_NEAR((*persons[0].keypoints)[3].score, known_score(3), 1e-4);
    }
  }
}

TEST(PoseFamilies, ABatchHasThePersonsInTheirOrder) {
  // The answer depends on the region: the mean of its numbers moves the points.
  const Size size{640, 360};
  TestPicture picture({.format = PixelFormat::yuv420p, .size = size});
  picture.render([](double x, double) {
    return x < 340 ? std::array<double, 3>{50, 50, 50} : std::array<double, 3>{200, 200, 200};
  });
  ConstantHeads heads({1, 3, 192, 192});
  heads.output("keypoints", {1, 1, 17, 3}, movenet_values(), 0.001F);
  auto* const graph = heads.graph().model().mutable_graph();
  for (onnx::ValueInfoProto* value : {graph->mutable_input(0), graph->mutable_output(0)})
    value->mutable_type()->mutable_tensor_type()->mutable_shape()->mutable_dim(0)->set_dim_param(
        "batch");
  const LoadedModel model = opened(heads.graph(), ModelTask::pose, ModelFamily::movenet);
  ASSERT_NE(model.session, nullptr);
  ASSERT_EQ(model.session->inputs()[0].shape[0], -1);
  const std::vector<LoadedModel> models = {known_detector(size), model};
  const std::vector<Person> one_by_one = analyse(models, picture, "pose", {.pose_batch = 1});
  const std::vector<Person> together = analyse(models, picture, "pose", {.pose_batch = 8});
  ASSERT_THAT(one_by_one, SizeIs(2));
  ASSERT_THAT(together, SizeIs(2));
  for (std::size_t i = 0; i < 2; ++i) {
    for (std::size_t k = 0; k < kBodyKeypointCount; ++k) {
      EXPECT_NEAR((*together[i].keypoints)[k].at.x, (*one_by_one[i].keypoints)[k].at.x, 1e-3);
      EXPECT_NEAR((*together[i].keypoints)[k].at.y, (*one_by_one[i].keypoints)[k].at.y, 1e-3);
    }
  }
  // And the two regions are told apart: brighter is farther right and down, in shares.
  const auto share_x = [&](std::size_t i) {
    const double width =
        1.25 * std::max(kKnown[i].width * size.width, kKnown[i].height * size.height);
    return (static_cast<double>((*together[i].keypoints)[0].at.x) -
            kKnown[i].center_x * size.width) /
           width;
  };
  EXPECT_GT(share_x(1), share_x(0) + 0.05);
}

TEST(PoseFamilies, SimccHasAMapForEachDirection) {
  const Size input{192, 256};
  std::vector<float> x(17 * 384, 0.0F);
  std::vector<float> y(17 * 512, 0.0F);
  for (std::size_t k = 0; k < kBodyKeypointCount; ++k) {
    x[k * 384 + static_cast<std::size_t>(std::lround(share_of(k).x * 384))] = 0.8F;
    y[k * 512 + static_cast<std::size_t>(std::lround(share_of(k).y * 512))] = 0.6F;
  }
  for (const Size size : kPictures) {
    ConstantHeads heads({1, 3, input.height, input.width});
    heads.output("simcc_x", {1, 17, 384}, x).output("simcc_y", {1, 17, 512}, y);
    const LoadedModel model = opened(heads.graph(), ModelTask::pose, ModelFamily::simcc);
    ASSERT_NE(model.session, nullptr);
    const std::vector<Person> persons =
        analyse({known_detector(size), model}, grey_picture(size), "pose");
    // A bin is half a pixel of the input, so it is off by a quarter at most, here seen enlarged.
    expect_points_at_shares(persons, size, input, {0.5F, 0.5F}, 0.6);
    EXPECT_NEAR((*persons[0].keypoints)[0].score, 0.6, 1e-4);
  }
}

TEST(PoseFamilies, HeatmapsAreReadToAQuarterOfACell) {
  const Size input{192, 256};
  constexpr int kColumns = 48;
  constexpr int kRows = 64;
  std::vector<float> maps(17 * kColumns * kRows, 0.0F);
  std::array<Point<TensorPx>, kBodyKeypointCount> expected;
  for (int k = 0; k < 17; ++k) {
    const int column = 5 + 2 * k;
    const int row = 60 - 3 * k;
    const auto put = [&](int dx, int dy, float value) {
      maps[static_cast<std::size_t>((k * kRows + row + dy) * kColumns + column + dx)] = value;
    };
    put(0, 0, 0.9F);
    put(1, 0, 0.5F);   // Rises to the right...
    put(0, -1, 0.4F);  // ...and up.
    expected[static_cast<std::size_t>(k)] = {(static_cast<float>(column) + 0.25F) * 4 + 0.5F,
                                             (static_cast<float>(row) - 0.25F) * 4 + 0.5F};
  }
  for (const Size size : kPictures) {
    ConstantHeads heads({1, 3, input.height, input.width});
    heads.output("heatmaps", {1, 17, kRows, kColumns}, maps);
    const LoadedModel model = opened(heads.graph(), ModelTask::pose, ModelFamily::pose_heatmaps);
    ASSERT_NE(model.session, nullptr);
    const std::vector<Person> persons =
        analyse({known_detector(size), model}, grey_picture(size), "pose");
    ASSERT_THAT(persons, SizeIs(2));
    for (std::size_t i = 0; i < 2; ++i) {
      for (std::size_t k = 0; k < kBodyKeypointCount; ++k) {
        const Point<TensorPx> share{expected[k].x / 192, expected[k].y / 256};
        const Point<FramePx> at = in_picture(share, kKnown[i], size, input);
        EXPECT_NEAR((*persons[i].keypoints)[k].at.x, at.x, 0.05);
        EXPECT_NEAR((*persons[i].keypoints)[k].at.y, at.y, 0.05);
        EXPECT_NEAR((*persons[i].keypoints)[k].score, 0.9, 1e-4);
      }
    }
  }
}

TEST(PoseFamilies, BlazePoseHas33LandmarksAndPointsOfTheWorldBesides) {
  const Size input{256, 256};
  constexpr std::array<std::size_t, kBodyKeypointCount> kCocoAmong33 = {
      0, 2, 5, 7, 8, 11, 12, 13, 14, 15, 16, 23, 24, 25, 26, 27, 28};
  std::vector<float> landmarks(195, 0.0F);
  std::vector<float> world(117, 0.0F);
  for (std::size_t k = 0; k < kBodyKeypointCount; ++k) {
    float* point = &landmarks[5 * kCocoAmong33[k]];
    point[0] = share_of(k).x * 256;
    point[1] = share_of(k).y * 256;
    point[2] = -25.6F;
    point[3] = f(logit(0.8));
    world[3 * kCocoAmong33[k]] = 0.25F;
  }
  for (const float presence : {0.9F, 0.2F}) {
    const Size size{640, 360};
    ConstantHeads heads({1, 3, 256, 256});
    heads.output("landmarks", {1, 195}, landmarks).output("presence", {1, 1}, {presence});
    heads.output("world", {1, 117}, world);
    const LoadedModel model =
        opened(heads.graph(), ModelTask::pose, ModelFamily::blazepose_landmarks);
    ASSERT_NE(model.session, nullptr);
    const std::vector<Person> persons =
        analyse({known_detector(size), model}, grey_picture(size), "pose");
    ASSERT_THAT(persons, SizeIs(2));
    if (presence < 0.5F) {
      EXPECT_FALSE(persons[0].keypoints);
      EXPECT_FALSE(persons[0].landmarks);
      continue;
    }
    expect_points_at_shares(persons, size, input, {}, 0.05);
    ASSERT_TRUE(persons[0].landmarks);
    EXPECT_NEAR(persons[0].landmarks->presence, 0.9, 1e-4);
    EXPECT_NEAR(persons[0].landmarks->visibility[11], 0.8, 1e-4);
    EXPECT_EQ(persons[0].landmarks->points[11].xy(), (*persons[0].keypoints)[5].at);
    EXPECT_NEAR(persons[0].landmarks->world_m[11][0], 0.25, 1e-6);
    // A tenth of the region's side.
    EXPECT_NEAR(persons[0].landmarks->points[11].z, -0.1 * 1.25 * kKnown[0].height * size.height,
                0.01);
  }
}

// --- what is said of models that do not fit -------------------------------------------------

std::string refusal(TinyGraph& graph, ModelTask task) {
  const Result<ModelFamily> family = recognise_family(read_signature(graph.bytes()).value(), task);
  return family ? "recognised as " + std::string(name_of(*family)) : family.error().message();
}

TEST(PersonFamilies, ADetectorWithoutPersonsIsRefusedByName) {
  ConstantHeads heads({1, 3, 320, 320});
  add_columns(heads, {}, {320, 320}, 2, 0);
  heads.metadata("names", "{0: 'car', 1: 'bus'}");
  EXPECT_THAT(refusal(heads.graph(), ModelTask::persons),
              AllOf(HasSubstr("yolov8"), HasSubstr("'car', 'bus'"), HasSubstr("'person'")));
}

TEST(PersonFamilies, APoseModelWithOtherKeypointsIsRefused) {
  ConstantHeads heads({1, 3, 320, 320});
  heads.output("output0", {1, 5 + 3 * 21, cell_count({320, 320})},
               std::vector<float>(static_cast<std::size_t>(68 * cell_count({320, 320}))));
  heads.metadata("task", "pose").metadata("kpt_shape", "[21, 3]").metadata("names", "{0: 'hand'}");
  EXPECT_THAT(refusal(heads.graph(), ModelTask::pose),
              AllOf(HasSubstr("[1, 68, 2100]"), HasSubstr("17 keypoints")));
  EXPECT_THAT(refusal(heads.graph(), ModelTask::persons), HasSubstr("not a model for the task"));
}

TEST(PersonFamilies, ASegmentationModelIsNotTakenForADetector) {
  ConstantHeads heads({1, 3, 320, 320});
  add_columns(heads, {}, {320, 320}, 112, 0);
  heads.metadata("task", "segment");
  EXPECT_THAT(refusal(heads.graph(), ModelTask::persons), HasSubstr("not a model for the task"));
}

TEST(PersonFamilies, TheFirstDetrWithItsOtherClassesIsRefused) {
  ConstantHeads heads({1, 3, 320, 320});
  heads.output("logits", {1, 100, 92}, std::vector<float>(9200));
  heads.output("pred_boxes", {1, 100, 4}, std::vector<float>(400));
  EXPECT_THAT(refusal(heads.graph(), ModelTask::persons), HasSubstr("not a model for the task"));
}

TEST(PersonFamilies, NumbersThatAreNotFiniteAreAnErrorOfTheFrame) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  ConstantHeads heads({1, 3, 320, 320});
  heads.output("output0", {1, 84, 2100}, std::vector<float>(std::size_t{84} * 2100, nan));
  const LoadedModel model = opened(heads.graph(), ModelTask::persons, ModelFamily::yolov8);
  ASSERT_NE(model.session, nullptr);
  const Result<AnalysisPlan> plan = create_plan(parse_task_list("persons")->closure(), {model}, {});
  ASSERT_TRUE(plan);
  StageTable stages;
  Lane lane({.steps = plan->steps, .stages = &stages}, *create_sampler({}));
  const TestPicture picture = grey_picture({64, 64});
  const AnalysedFrame analysed = lane.analyse(picture.frame());
  ASSERT_TRUE(analysed.error);
  EXPECT_EQ(analysed.error->code(), ErrorCode::corrupt_input);
  EXPECT_THAT(analysed.persons, testing::IsEmpty());
}

TEST(PersonDetection, KeepsWeakPersonsInVideosForATracker) {
  const Size size{640, 360};
  const LoadedModel model = known_detector(size);
  const TestPicture picture = grey_picture(size);
  // 0.7 is below, and more than half.
  const std::vector<Person> persons = analyse({model}, picture, "persons", {.min_score = 0.8F});
  ASSERT_THAT(persons, SizeIs(2));
  EXPECT_FALSE(persons[0].weak);
  EXPECT_TRUE(persons[1].weak);
}

TEST(PersonDetection, TheSettingsLimitThePersons) {
  const Size size{640, 360};
  EXPECT_THAT(analyse({known_detector(size)}, grey_picture(size), "persons", {.max_persons = 1}),
              SizeIs(1));
}

TEST(ClassNames, AreReadFromListsToo) {
  ModelSignature signature;
  signature.metadata = {{"names", "['car', 'pedestrian']"}};
  EXPECT_THAT(class_names(signature), testing::ElementsAre("car", "pedestrian"));
  EXPECT_EQ(person_class(signature), std::size_t{1});
}

}  // namespace
}  // namespace retinue
