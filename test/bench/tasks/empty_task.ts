// The least a task can be: what is left is the runtime's own cost.
import { Task } from "armature/task";

export class IsolatedEmptyTask extends Task.with({ name: "isolated_empty_task", lane: "isolated" }) {
  async run() {
    return null;
  }
}

export class EmptyTask extends Task.with({ name: "empty_task" }) {
  async run() {
    return null;
  }
}
