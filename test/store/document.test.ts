import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { expect, test } from "vitest";
import { z } from "zod";
import { systemClock } from "../../src/lib/clock.ts";
import { openDocument } from "../../src/store/document.ts";
import { Quarantine } from "../../src/store/quarantine.ts";
import { newDirectory, silent } from "./support/place.ts";

const schema = z.strictObject({ name: z.string(), count: z.int() });
const nothing = { name: "new", count: 0 };

async function place() {
  const directory = await newDirectory();
  const quarantine = new Quarantine({ directory, clock: systemClock, logger: silent });
  const file = path.join(directory, "projects", "one.json");
  return { directory, quarantine, file, open: () => openDocument(file, schema, nothing, quarantine) };
}

test("a document that is not there begins with the default, and is stored when it is changed", async () => {
  const { file, open } = await place();
  const document = await open();
  expect(document.data).toEqual(nothing);
  await document.update((draft) => {
    draft.count = 1;
  });
  expect(JSON.parse(await readFile(file, "utf8"))).toEqual({ name: "new", count: 1 });
  expect((await open()).data).toEqual({ name: "new", count: 1 });
});

test("changes made side by side all count", async () => {
  const { open } = await place();
  const document = await open();
  await Promise.all(
    Array.from({ length: 20 }, () =>
      document.update(({ count, ...rest }) => ({ ...rest, count: count + 1 })),
    ),
  );
  expect(document.data.count).toBe(20);
  expect((await open()).data.count).toBe(20);
});

test("a refused write leaves memory as it was, and the next change works", async () => {
  const { directory, open, file } = await place();
  const document = await open();
  await writeFile(path.join(directory, "projects"), "in the way");
  await expect(document.update((draft) => void draft.count++)).rejects.toMatchObject({
    code: "STORE_UNAVAILABLE",
  });
  expect(document.data).toEqual(nothing);
  await rm(path.dirname(file));
  await document.update((draft) => void draft.count++);
  expect(document.data.count).toBe(1);
});

test("a change that throws or does not fit the schema changes nothing", async () => {
  const { open } = await place();
  const document = await open();
  await expect(
    document.update(() => {
      throw new Error("thought better of it");
    }),
  ).rejects.toThrow("thought better");
  await expect(document.update((draft) => ({ ...draft, count: 0.5 }))).rejects.toThrow();
  expect(document.data).toEqual(nothing);
});

const damages: Record<string, (file: string) => Promise<unknown>> = {
  "an empty file": (file) => writeFile(file, ""),
  null: (file) => writeFile(file, "null"),
  "a list": (file) => writeFile(file, "[]"),
  "half a document": (file) => writeFile(file, '{"name": "x'),
  "an unknown key": (file) => writeFile(file, '{"name": "x", "count": 1, "size": 2}'),
  "broken UTF-8": (file) => writeFile(file, Buffer.from('{"name": "\xff", "count": 1}', "latin1")),
  "a directory": (file) => mkdir(file),
};

test.each(Object.keys(damages))(
  "%s in place of a document is put aside, and the default takes over",
  async (what) => {
    const { directory, file, quarantine, open } = await place();
    await mkdir(path.dirname(file));
    await damages[what]?.(file);
    const document = await open();
    expect(document.data).toEqual(nothing);
    expect(quarantine.problems()).toMatchObject([
      { file: "projects/one.json", quarantined_as: expect.stringContaining("quarantine/one.json.") },
    ]);
    expect(await readdir(path.join(directory, "quarantine"))).toHaveLength(1);
    await document.update((draft) => void draft.count++);
    expect((await open()).data.count).toBe(1);
  },
);
