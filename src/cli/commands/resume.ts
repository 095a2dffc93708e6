// armature resume: tasks start again; after an emergency stop devices may move again, too.
import type { QueueView } from "../../engine/requests.ts";
import { connect } from "../connect.ts";
import { readOptions } from "../options.ts";
import { exit, type Shell } from "../shell.ts";

export async function run(words: readonly string[], shell: Shell): Promise<number> {
  readOptions("resume", words, {}, 0);
  const { client } = await connect(shell);
  const { length } = await client.post<QueueView>("/queue/resume");
  const waiting =
    length === 0
      ? "no task waits"
      : `${length} task${length === 1 ? "" : "s"} still wait${length === 1 ? "s" : ""}`;
  shell.out.line(`Tasks start and devices move again; ${waiting}.`);
  return exit.fine;
}
