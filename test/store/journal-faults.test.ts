import { expect, test } from "vitest";
import { randomOf } from "../random.ts";
import { FaultyFiles, type Operation } from "./support/faulty-files.ts";
import { historyOf } from "./support/history.ts";
import { manualClock } from "./support/manual-clock.ts";
import { copyOf, newDirectory, storeIn } from "./support/place.ts";
import { type Step, valuesOf, Witness } from "./support/witness.ts";

/** Steps handed in together share a write and a sync; those of a group touch different tasks. */
const groups: Step[][] = historyOf(randomOf(3), 24).map((step, n) =>
  n % 4 === 0
    ? [
        step,
        { verb: "insist", values: { [`i${n}`]: "insisted" } },
        { verb: "save", values: { [`s${n}`]: "1", [`u${n}`]: "2" } },
      ]
    : [step],
);

const growth = { changes: 6, bytes: 1500, ratio: 0, ahead: 512 };

async function readIn(directory: string): Promise<Map<string, string>> {
  const store = storeIn(directory);
  const values = valuesOf(await store.read());
  expect(store.problems()).toEqual([]);
  await store.close();
  return values;
}

interface Outcome {
  readonly operations: { operation: Operation; path: string }[];
  readonly refusals: number;
}

/** Runs the whole history while the `failing`th operation of a kind fails, and checks before, after and at the end. */
async function runWithFault(
  kind: Operation | "none",
  failing: number,
  code: string,
  short: boolean,
  cannotTakeBack = false,
) {
  const directory = await newDirectory();
  const operations: Outcome["operations"] = [];
  let ofKind = 0;
  const files = new FaultyFiles((operation, _, path) => {
    operations.push({ operation, path });
    if (cannotTakeBack && (operation === "truncate" || operation === "remove")) return { code };
    return operation === kind && ofKind++ === failing ? { code, short } : null;
  });
  const clock = manualClock();
  const store = storeIn(directory, { files, clock, growth });
  const what = `${kind} ${failing}: ${code}${short ? " after half" : ""}`;
  const witness = new Witness();
  const recovered = async (): Promise<void> => {
    while (!store.health().ok) {
      const change = new Promise<void>((resolve) => {
        const leave = store.onHealthChange(() => {
          leave();
          resolve();
        });
      });
      await clock.armed();
      clock.pass();
      await change;
    }
  };
  await store.read();
  const insisted: Promise<boolean>[] = [];
  for (const group of groups) {
    const answers = group.map((step) => ({ step, answer: witness.watch(store, step) }));
    const isInsisted = ({ step }: { step: Step }): boolean => step.verb === "insist";
    insisted.push(...answers.filter(isInsisted).map(({ answer }) => answer));
    const refusable = answers.filter((one) => !isInsisted(one)).map(({ answer }) => answer);
    const down = new Promise<void>((resolve) => {
      if (!store.health().ok) resolve();
      store.onHealthChange((health) => {
        if (!health.ok) resolve();
      });
    });
    await Promise.race([Promise.all(answers.map(({ answer }) => answer)), down]);
    await Promise.all(refusable);
    if (store.health().ok) continue;
    await clock.armed();
    // The process ends while the disk refuses: nothing refused may come back.
    if (!cannotTakeBack)
      witness.check(
        await readIn(await files.frozen(() => copyOf(directory))),
        `${what}, ended while it refuses`,
      );
    await recovered();
  }
  await recovered();
  expect(await Promise.all(insisted)).not.toContain(false);
  // Where the fault meets this one, the next try must succeed.
  while (!(await witness.watch(store, { verb: "save", values: { afterwards: "saved" } }))) await recovered();
  await store.close();
  const values = await readIn(directory);
  expect(values.get("afterwards")).toBe("saved");
  witness.check(values, what);
  return { operations, refusals: witness.refusals };
}

const countOf = async (kind: Operation): Promise<number> => {
  const { operations, refusals } = await runWithFault("none", 0, "", false);
  expect(refusals).toBe(0);
  return operations.filter(({ operation }) => operation === kind).length;
};

test.each<[string, Operation, string, boolean]>([
  ["a full disk", "write", "ENOSPC", false],
  ["an I/O error", "write", "EIO", false],
  ["a write cut short by a full disk", "write", "ENOSPC", true],
  ["an I/O error", "sync", "EIO", false],
  ["a full disk", "sync", "ENOSPC", false],
  ["too many open files", "create", "EMFILE", false],
  ["an I/O error", "syncDirectory", "EIO", false],
  ["an I/O error", "rename", "EIO", false],
  ["an I/O error", "remove", "EIO", false],
  ["an I/O error", "list", "EIO", false],
  ["an I/O error", "close", "EIO", false],
  ["a full disk", "reserve", "ENOSPC", true],
])(
  "%s at any %s loses nothing acknowledged and keeps nothing refused",
  {
    timeout: 60_000,
  },
  async (_, kind, code, short) => {
    const count = await countOf(kind);
    expect(count).toBeGreaterThan(1);
    let refusals = 0;
    // The first list is the boot's own, and it says so when it cannot read.
    for (let n = kind === "list" ? 1 : 0; n < count; n++)
      refusals += (await runWithFault(kind, n, code, short)).refusals;
    if (kind === "write" || kind === "sync") expect(refusals).toBeGreaterThan(0);
  },
);

test.each<[Operation, boolean]>([
  ["write", true],
  ["sync", false],
])(
  "a refused %s that could not be taken back either is not there after the recovery",
  {
    timeout: 60_000,
  },
  async (kind, short) => {
    const count = await countOf(kind);
    for (let n = 0; n < count; n++) await runWithFault(kind, n, "EIO", short, true);
  },
);
