// What a task costs the disk where all of them live in one file, as lowdb comes: the file is written anew each time.
// Synced here, which lowdb does not do by itself. Prints the bytes made dirty for each change.
import { readFileSync } from "node:fs";
import path from "node:path";
import { Low } from "lowdb";
import { writeDurably } from "../../../src/lib/durable-file.ts";

const { folder, record, tasks, changes } = JSON.parse(process.argv[2] ?? "");
const file = path.join(folder, "tasks.json");
const low = new Low<Record<string, object>>(
  { read: async () => null, write: (data) => writeDurably(file, JSON.stringify(data)) },
  Object.fromEntries(Array.from({ length: tasks }, (_, index) => [String(index), { ...record, index }])),
);
await low.write();

const writtenBytes = (): number => {
  const found = /^write_bytes: (\d+)$/m.exec(readFileSync("/proc/self/io", "utf8"));
  return Number(found?.[1]);
};
const before = writtenBytes();
for (let change = 0; change < changes; change++)
  await low.update((data) => {
    data[String(change)] = { ...record, status: "running" };
  });
console.log(JSON.stringify({ bytes: (writtenBytes() - before) / changes }));
