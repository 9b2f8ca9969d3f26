#include "perception/task_set.hpp"

#include <algorithm>

namespace retinue {

namespace {

/// Of the contract, but not in this build.
constexpr std::array<std::string_view, 1> kLackingTasks = {"action-units"};

std::string accepted_tasks() {
  std::string list;
  for (const TaskName task : kTaskNames) {
    if (!list.empty()) list += ", ";
    list += name_of(task);
  }
  return list;
}

}  // namespace

std::string_view name_of(TaskName task) {
  switch (task) {
    case TaskName::faces:
      return "faces";
    case TaskName::landmarks:
      return "landmarks";
    case TaskName::blendshapes:
      return "blendshapes";
    case TaskName::head_pose:
      return "head-pose";
    case TaskName::gaze:
      return "gaze";
    case TaskName::persons:
      return "persons";
    case TaskName::pose:
      return "pose";
  }
  __builtin_unreachable();
}

Result<TaskName> parse_task_name(std::string_view name) {
  for (const TaskName task : kTaskNames) {
    if (name_of(task) == name) return task;
  }
  const std::string quoted = "task '" + std::string(name) + "'";
  if (std::find(kLackingTasks.begin(), kLackingTasks.end(), name) != kLackingTasks.end()) {
    return fail(ErrorCode::unsupported,
                quoted + " is not in this build, which has " + accepted_tasks());
  }
  return fail(ErrorCode::invalid_argument, quoted + " is not one of " + accepted_tasks());
}

TaskSet TaskSet::closure() const {
  TaskSet all = *this;
  if (all.contains(TaskName::gaze)) all.insert(TaskName::head_pose);
  if (all.contains(TaskName::blendshapes) || all.contains(TaskName::head_pose))
    all.insert(TaskName::landmarks);
  if (all.contains(TaskName::landmarks)) all.insert(TaskName::faces);
  if (all.contains(TaskName::pose)) all.insert(TaskName::persons);
  return all;
}

Result<TaskSet> parse_task_list(std::string_view list) {
  TaskSet tasks;
  std::size_t begin = 0;
  while (begin <= list.size()) {
    const std::size_t end = std::min(list.find(',', begin), list.size());
    const TaskName task = TRY(parse_task_name(list.substr(begin, end - begin)));
    tasks.insert(task);
    begin = end + 1;
  }
  return tasks;
}

std::string to_string(const TaskSet& tasks) {
  std::string list;
  for (const TaskName task : kTaskNames) {
    if (!tasks.contains(task)) continue;
    if (!list.empty()) list += ',';
    list += name_of(task);
  }
  return list;
}

}  // namespace retinue
