// When a snapshot is due: where it is much shorter than the journals it replaces.
import { existsSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { storedTask } from "../contracts/task-store.ts";
import { newDirectory, storeIn } from "./support/place.ts";

const growth = { bytes: 20_000, changes: 100_000, ratio: 3, files: 16, ahead: 1 << 20 };

test("tasks that only wait are not written a second time, those that change are, once it pays", async () => {
  const directory = await newDirectory();
  const store = storeIn(directory, { growth });
  await store.read();
  const ids = Array.from({ length: 100 }, (_, at) => `task-${at}`);
  for (const id of ids) await store.save([storedTask(id)]);
  await store.close();
  expect(existsSync(path.join(directory, "tasks/tasks.json"))).toBe(false);

  const later = storeIn(directory, { growth });
  await later.read();
  for (let turn = 0; turn < 4; turn++)
    for (const id of ids) await later.save([storedTask(id, { attempt: turn })]);
  await later.close();
  expect(existsSync(path.join(directory, "tasks/tasks.json"))).toBe(true);

  const last = storeIn(directory, { growth });
  const { tasks } = await last.read();
  expect(tasks.map(({ record }) => record.attempt)).toEqual(ids.map(() => 3));
  await last.close();
});
