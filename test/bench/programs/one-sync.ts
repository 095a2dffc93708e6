// The floor under everything durable: one small write that is on the disk when it returns. Prints p50 and p99 in ms.
import { constants } from "node:fs";
import { open } from "node:fs/promises";
import { quantile } from "../figures.ts";

const { file, count } = JSON.parse(process.argv[2] ?? "");
const handle = await open(
  file,
  constants.O_CREAT | constants.O_WRONLY | constants.O_APPEND | constants.O_DSYNC,
);
const line = Buffer.from(`${"x".repeat(960)}\n`);
const took: number[] = [];
for (let turn = 0; turn < count; turn++) {
  const begun = performance.now();
  await handle.write(line);
  took.push(performance.now() - begun);
}
await handle.close();
console.log(JSON.stringify({ p50: quantile(took, 0.5), p99: quantile(took, 0.99) }));
