// The least a task can be: what is left is the runtime's own cost.
import { Task } from "armature/task";

export class EmptyTask extends Task.with({ name: "empty_task" }) {
  async run() {
    return null;
  }
}
