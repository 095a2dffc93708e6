// Who shares a write: what a sync costs is paid once for all who wait.
import { randomUUID } from "node:crypto";
import { setImmediate as turn } from "node:timers/promises";
import { expect, test } from "vitest";
import { storedTask } from "../contracts/task-store.ts";
import { newDirectory, storeIn } from "./support/place.ts";

test("whoever comes back with something as soon as it is answered shares each write with the others, whenever it first came", async () => {
  const store = storeIn(await newDirectory());
  await store.read();
  const before = store.figures().writes;
  const comesBack = async (times: number): Promise<void> => {
    for (let time = 0; time < times; time++) {
      await store.save([storedTask(randomUUID())]);
      await turn();
    }
  };
  const first = [comesBack(20), comesBack(20)];
  // By now their first write is under way.
  await turn();
  await Promise.all([...first, comesBack(20)]);
  expect(store.figures().writes - before).toBeLessThan(25);
  await store.close();
});
