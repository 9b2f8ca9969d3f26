#include "perception/task_set.hpp"

#include <algorithm>
#include <array>
#include <optional>

namespace retinue {

namespace {

/// What a task is called, and what it needs.
struct TaskRow {
  std::string_view name;
  std::optional<TaskName> needs;
};

/// In the order of the enumeration; what a task needs stands before it.
constexpr auto kTasks = std::to_array<TaskRow>({
    {"faces", std::nullopt},
    {"landmarks", TaskName::faces},
    {"blendshapes", TaskName::landmarks},
    {"head-pose", TaskName::landmarks},
    {"gaze", TaskName::head_pose},
    {"action-units", TaskName::blendshapes},
    {"persons", std::nullopt},
    {"pose", TaskName::persons},
    {"embedding", TaskName::faces},
    {"emotion", TaskName::faces},
});
static_assert(kTasks.size() == kTaskNames.size());

const TaskRow& row_of(TaskName task) {
  return kTasks.at(static_cast<std::size_t>(task));
}

}  // namespace

std::string_view name_of(TaskName task) {
  return row_of(task).name;
}

std::string all_task_names(std::string_view separator) {
  std::string list;
  for (const TaskRow& task : kTasks) {
    if (!list.empty()) list += separator;
    list += task.name;
  }
  return list;
}

Result<TaskName> parse_task_name(std::string_view name) {
  for (const TaskName task : kTaskNames) {
    if (name_of(task) == name) return task;
  }
  return fail(ErrorCode::invalid_argument,
              "task '" + std::string(name) + "' is not one of " + all_task_names(", "));
}

TaskSet TaskSet::closure() const {
  TaskSet all = *this;
  for (auto task = kTaskNames.rbegin(); task != kTaskNames.rend(); ++task) {
    const std::optional<TaskName> needed = row_of(*task).needs;
    if (needed && all.contains(*task)) all.insert(*needed);
  }
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
