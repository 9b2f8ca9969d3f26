/// The things that can be measured, and sets of them.
#pragma once

#include <array>
#include <bitset>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace retinue {

/// A task more is a name here and a row of the table in task_set.cpp.
enum class TaskName : std::uint8_t {
  faces,
  landmarks,
  blendshapes,
  head_pose,
  gaze,
  action_units,
  persons,
  pose,
  embedding,
  emotion
};
inline constexpr std::array kTaskNames = {
    TaskName::faces,     TaskName::landmarks,    TaskName::blendshapes, TaskName::head_pose,
    TaskName::gaze,      TaskName::action_units, TaskName::persons,     TaskName::pose,
    TaskName::embedding, TaskName::emotion};

/// "head-pose": as on the command line.
std::string_view name_of(TaskName task);

/// "faces, landmarks, …": all tasks, with `separator` between them.
std::string all_task_names(std::string_view separator);

/// Errors  unsupported: a task of the contract that this build lacks.
///         invalid_argument: not a task at all. Both list the tasks that there are.
Result<TaskName> parse_task_name(std::string_view name);

class TaskSet {
 public:
  void insert(TaskName task) { tasks_.set(static_cast<std::size_t>(task)); }
  bool contains(TaskName task) const { return tasks_.test(static_cast<std::size_t>(task)); }
  bool empty() const { return tasks_.none(); }

  /// With the tasks that these need: gaze needs head pose, action units need blendshapes, both of
  /// these need landmarks; landmarks, embeddings and emotions need faces, pose needs persons.
  TaskSet closure() const;

  friend bool operator==(const TaskSet&, const TaskSet&) = default;

 private:
  std::bitset<kTaskNames.size()> tasks_;
};

/// Parses "faces,landmarks". Errors as parse_task_name; invalid_argument for an empty list.
Result<TaskSet> parse_task_list(std::string_view list);

/// "faces,landmarks", in the order of the enumeration.
std::string to_string(const TaskSet& tasks);

}  // namespace retinue
