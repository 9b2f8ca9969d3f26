#include "perception/task_set.hpp"

#include <algorithm>

namespace retinue {

namespace {

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
    case TaskName::action_units:
      return "action-units";
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
  return fail(ErrorCode::invalid_argument,
              "task '" + std::string(name) + "' is not one of " + accepted_tasks());
}

TaskSet TaskSet::closure() const {
  TaskSet all = *this;
  if (all.contains(TaskName::gaze)) all.insert(TaskName::head_pose);
  if (all.contains(TaskName::action_units)) all.insert(TaskName::blendshapes);
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
