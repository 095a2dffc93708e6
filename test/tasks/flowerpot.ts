// 36 real photos of one turn of a flowerpot, which lie beside the repository. Where they do not, tests say so.
import { existsSync } from "node:fs";
import path from "node:path";
import { test } from "vitest";

const place = "../shared/data/turntable/flowerpot";
export const flowerpot = path.resolve(import.meta.dirname, "../..", place);

export function testWithFlowerpot(title: string, run: () => Promise<void>): void {
  if (existsSync(flowerpot)) test(title, run);
  else test.skip(`${title} (skipped: there are no photos in ${place})`, run);
}
