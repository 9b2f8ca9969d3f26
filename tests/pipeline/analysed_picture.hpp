/// What models make of one picture.
#pragma once

#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "pipeline/lane.hpp"
#include "preprocess/sampler.hpp"
#include "task/task_list.hpp"

namespace retinue {

/// By `tasks` and those that they need. What goes wrong fails the test and leaves nothing found.
inline AnalysedFrame analysed_picture(const std::vector<LoadedModel>& models,
                                      std::string_view tasks, Frame picture) {
  const Result<AnalysisPlan> plan = create_plan(parse_task_list(tasks)->closure(), models, {});
  if (!plan) {
    ADD_FAILURE() << plan.error().message();
    return {};
  }
  StageTable stages;
  Lane lane({.steps = plan->steps, .stages = &stages}, *create_sampler({}));
  AnalysedFrame analysed = lane.analyse(std::move(picture));
  if (analysed.error) ADD_FAILURE() << analysed.error->message();
  return analysed;
}

}  // namespace retinue
