import { expect, test } from "vitest";
import { randomOf } from "../random.ts";
import { FaultyFiles } from "./support/faulty-files.ts";
import { historyOf } from "./support/history.ts";
import { copyOf, newDirectory, storeIn } from "./support/place.ts";
import { tiny, valuesOf, Witness } from "./support/witness.ts";

const steps = historyOf(randomOf(5), 40);

/** Runs until the operation `last` would happen; whether there was one. */
async function endedAt(last: number): Promise<boolean> {
  const directory = await newDirectory();
  const files = new FaultyFiles((_, index) => (index === last ? "end" : null));
  const store = storeIn(directory, { files, growth: { changes: 5, bytes: 600, ratio: 0 } });
  const witness = new Witness();
  const life = async (): Promise<"through"> => {
    await store.read();
    for (const step of steps) await witness.watch(store, step);
    await store.close();
    return "through";
  };
  const outcome = await Promise.race([life(), files.ended]);
  const copy = await files.frozen(() => copyOf(directory));
  await files.release();

  const again = storeIn(copy);
  const values = valuesOf(await again.read());
  expect(again.problems()).toEqual([]);
  witness.check(values, `ended before operation ${last}`);
  await again.save([tiny("afterwards", "saved")]);
  await again.close();
  const third = storeIn(copy);
  expect(valuesOf(await third.read())).toEqual(new Map([...values, ["afterwards", "saved"]]));
  await third.close();
  return outcome !== "through";
}

test("a process that ends between any two steps, of a snapshot too, loses nothing acknowledged", {
  timeout: 120_000,
}, async () => {
  let last = 0;
  while (await endedAt(last)) last++;
  expect(last).toBeGreaterThan(steps.length * 2);
});
