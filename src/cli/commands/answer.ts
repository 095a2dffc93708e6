// armature answer: answers the question a paused task asks; the value is JSON, or plain text where it is none.
import type { TaskView } from "../../task/record.ts";
import { CommandError } from "../command-error.ts";
import { connect } from "../connect.ts";
import { usageOf } from "../menu.ts";
import { readOptions } from "../options.ts";
import { exit, type Shell } from "../shell.ts";

export async function run(words: readonly string[], shell: Shell): Promise<number> {
  const [id, value] = readOptions("answer", words, {}, 2).positionals;
  if (id === undefined || value === undefined)
    throw new CommandError(
      id === undefined ? "The id of the task and the answer are missing." : "The answer is missing.",
      `Usage: ${usageOf("answer")}`,
    );
  const { client } = await connect(shell);
  const task = await client.post<TaskView>(`/tasks/${encodeURIComponent(id)}/answer`, {
    answer: answerIn(value),
  });
  shell.out.line(`${task.task} has the answer and is ${task.status}.`);
  return exit.fine;
}

function answerIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
