import { expect, test } from "vitest";
import { below, type Random, randomOf } from "../random.ts";
import { FaultyFiles } from "./support/faulty-files.ts";
import { historyOf } from "./support/history.ts";
import { newDirectory, storeIn } from "./support/place.ts";
import { PowerFiles } from "./support/power-files.ts";
import { perform, type Step, valuesOf, Witness } from "./support/witness.ts";

const growth = { changes: 6, bytes: 900, ratio: 0, ahead: 512 };

/** Runs steps, some side by side, until the power goes at a random operation; resolves with what is left. */
async function lifeIn(directory: string, steps: readonly Step[], witness: Witness, random: Random) {
  const disk = await new PowerFiles(directory).load();
  const last = below(random, 160);
  const files = new FaultyFiles((_, index) => (index === last ? "end" : null), disk);
  const store = storeIn(directory, { files, growth });
  const life = async (): Promise<void> => {
    const values = valuesOf(await store.read());
    witness.check(values, "after the power came back");
    witness.settle(values);
    for (let n = 0; n < steps.length; ) {
      const together = steps.slice(n, n + 1 + below(random, 3));
      const taken = new Set<string>();
      const apart = together.filter((step) => keysOf(step).every((key) => !taken.has(key) && taken.add(key)));
      n += apart.length;
      await Promise.all(apart.map((step) => witness.watch(store, step)));
    }
    await store.close();
  };
  const through = life();
  await Promise.race([through, files.ended]);
  const left = await newDirectory();
  await files.frozen(() => disk.survive(left, random));
  await files.release();
  return left;
}

const keysOf = (step: Step): string[] =>
  step.verb === "remove" ? [...step.ids] : step.verb === "pause" ? ["the queue"] : Object.keys(step.values);

test("whenever the power goes, what was acknowledged is on the disk", { timeout: 120_000 }, async () => {
  const seed = Number(process.env.SEED ?? Date.now() % 1_000_000);
  console.info(`power loss: SEED=${seed}`);
  for (let run = 0; run < 80; run++) {
    const random = randomOf(seed + run);
    const witness = new Witness();
    const steps = historyOf(random, 60);
    let directory = await newDirectory();
    for (let life = 0; life < 3; life++)
      directory = await lifeIn(directory, steps.slice(life * 20, life * 20 + 20), witness, random);
    const store = storeIn(directory);
    const values = valuesOf(await store.read());
    witness.check(values, `seed ${seed}, run ${run}`);
    await perform(store, { verb: "save", values: { afterwards: "saved" } });
    await store.close();
    const again = storeIn(directory);
    expect(valuesOf(await again.read())).toEqual(new Map([...values, ["afterwards", "saved"]]));
    await again.close();
  }
});
