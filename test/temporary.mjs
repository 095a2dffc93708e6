// All temporary files of a run of the tests lie in one folder, which goes with it: also those of processes that are
// killed, and of files of tests that share a process.
import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";

export default function setup() {
  const folder = mkdtempSync(path.join(os.tmpdir(), "armature-tests-"));
  process.env.TMPDIR = folder;
  return () => rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
}
