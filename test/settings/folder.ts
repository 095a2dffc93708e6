// A project folder of a test's own: settings files as given, removed at the end of the test.
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { onTestFinished } from "vitest";

export async function project(files: Readonly<Record<string, unknown>> = {}): Promise<string> {
  const root = await mkdtemp(path.join(tmpdir(), "armature-settings-"));
  onTestFinished(() => rm(root, { recursive: true, force: true }));
  for (const [name, content] of Object.entries({ "devices/simulated.json": {}, ...files })) {
    const file = path.join(root, "settings", name);
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, typeof content === "string" ? content : JSON.stringify(content));
  }
  return root;
}
