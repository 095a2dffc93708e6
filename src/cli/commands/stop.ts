// armature stop: the emergency stop. Says of every device whether it stands still; 1 where one may not.
import type { StopReport } from "../../engine/requests.ts";
import { loadSettings } from "../../settings/load.ts";
import { CommandError } from "../command-error.ts";
import { findServer } from "../connect.ts";
import { readOptions } from "../options.ts";
import { exit, type Shell } from "../shell.ts";
import type { Terminal } from "../terminal.ts";

export async function run(words: readonly string[], shell: Shell): Promise<number> {
  readOptions("stop", words, {}, 0);
  const server = await findServer(await loadSettings(shell));
  if (!server)
    throw new CommandError(
      "No runtime answers where the settings say: none is there to stop.",
      "If something moves, cut its power. ARMATURE_HOST and ARMATURE_PORT name another runtime.",
    );
  const report = await server.client.post<StopReport>("/stop");
  tell(report, shell.out);
  return report.stopped ? exit.fine : exit.failed;
}

function tell({ devices, tasks, stored }: StopReport, out: Terminal): void {
  for (const { name, stopped, problem } of devices)
    out.line(
      stopped
        ? `${out.style("green", "✓")} ${name} stands still`
        : `${out.style("red", "✗")} ${name} may still move: ${problem}`,
    );
  for (const { id, task, status } of tasks) out.line(`  ${task} ${id} is ${status}`);
  if (tasks.length === 0) out.line("  No task ran or waited.");
  if (!stored)
    out.line(
      `${out.style("yellow", "!")} Not all of it is on the disk yet; after a restart tasks may be back.`,
    );
  out.line("Nothing starts and nothing moves until `armature resume`.");
}
