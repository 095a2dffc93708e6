// armature doctor: looks at everything that can be wrong and says what to do about it; 1 when something is.

import { examine } from "../doctor/examine.ts";
import type { Level } from "../doctor/finding.ts";
import { readOptions } from "../options.ts";
import { exit, type Shell } from "../shell.ts";

const marks: Readonly<Record<Level, readonly [style: "green" | "yellow" | "red", mark: string]>> = {
  fine: ["green", "✓"],
  note: ["yellow", "!"],
  wrong: ["red", "✗"],
};

export async function run(words: readonly string[], shell: Shell): Promise<number> {
  readOptions("doctor", words, {}, 0);
  const { out } = shell;
  let wrong = 0;
  for await (const { title, findings } of examine(shell)) {
    out.line(`\n${out.style("bold", title)}`);
    for (const { level, sentence, remedy } of findings) {
      const [style, mark] = marks[level];
      out.line(`${out.style(style, mark)} ${sentence.replaceAll("\n", "\n  ")}`);
      if (remedy) out.line(`  ${out.style("cyan", "→")} ${remedy}`);
      if (level === "wrong") wrong++;
    }
  }
  out.line(wrong === 0 ? "\nNothing to mend." : `\n${wrong} thing${wrong === 1 ? "" : "s"} to mend.`);
  return wrong === 0 ? exit.fine : exit.failed;
}
