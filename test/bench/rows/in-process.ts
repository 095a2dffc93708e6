// The verbs of an embedded runtime, each against one synced write, and the memory an ended task takes while it is kept.
import path from "node:path";
import type { Row } from "../row.ts";
import type { Stage } from "../stage.ts";

interface Quantiles {
  readonly p50: number;
  readonly p99: number;
}

interface Measured {
  readonly verbs: Readonly<Record<string, Quantiles>>;
  readonly bytesPerKept: number;
}

const note =
  "in process: submit and cancel resolve when the change is on the disk; the goal is what the reference system states for each, without a disk";

export async function inProcess(stage: Stage): Promise<Row[]> {
  const folder = await stage.folder();
  const { submits, kept } = stage.scale;
  const floor = await stage
    .startOurs("one-sync", [{ file: path.join(folder, "floor"), count: submits }])
    .answer<Quantiles>();
  const program = stage.startOurs(
    "in-process",
    [{ dataDirectory: path.join(folder, "data"), submits, kept }],
    {
      nodeOptions: ["--expose-gc"],
    },
  );
  const { verbs, bytesPerKept } = await program.answer<Measured>();
  const rows = Object.entries(verbs).flatMap(([verb, quantiles]) =>
    (["p50", "p99"] as const).map(
      (share): Row => ({
        what: `in process: ${verb}, ${share}`,
        measured: quantiles[share],
        unit: "ms",
        ceiling: { what: "one synced write of a line", value: floor[share] },
        goal: { of: "measured", bound: "below", value: 1 },
        note,
      }),
    ),
  );
  const heap: Row = {
    what: "heap for each ended task that is kept",
    measured: bytesPerKept / 1024,
    unit: "KiB",
    ceiling: null,
    goal: null,
    note: `heap: after a collection, ${kept} ended tasks`,
  };
  return [...rows, heap];
}
