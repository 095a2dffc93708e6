// Files on their way to the wire hold nothing open that nobody reads.
import { mkdtemp, readdir, readlink, realpath, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { filesBelow } from "../../src/api/files.ts";

let folder: string;
let file: string;
const content = Buffer.alloc(1_000_000, "pot");
beforeAll(async () => {
  folder = await realpath(await mkdtemp(path.join(os.tmpdir(), "armature-files-")));
  file = path.join(folder, "photo.jpg");
  await writeFile(file, content);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const openPhoto = () => filesBelow(() => [folder]).open("photo.jpg");

async function isHeldOpen(): Promise<boolean> {
  const links = await Promise.all(
    (await readdir("/proc/self/fd")).map((fd) => readlink(`/proc/self/fd/${fd}`).catch(() => "")),
  );
  return links.includes(file);
}

test("a file is read whole", async () => {
  const { bytes, stream } = await openPhoto();
  expect(bytes).toBe(content.length);
  expect(Buffer.from(await new Response(stream).arrayBuffer()).equals(content)).toBe(true);
});

test.runIf(process.platform === "linux")(
  "one that nobody reads is not held open, nor one that somebody leaves",
  async () => {
    const unread = await openPhoto();
    expect(await isHeldOpen()).toBe(false);
    await unread.stream.cancel();

    const { stream } = await openPhoto();
    const reader = stream.getReader();
    await reader.read();
    expect(await isHeldOpen()).toBe(true);
    await reader.cancel();
    expect(await isHeldOpen()).toBe(false);
  },
);
