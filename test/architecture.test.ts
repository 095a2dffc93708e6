// The floors of the house: a file imports its own folder or a lower floor. See docs/architecture.md.
import { readdirSync, readFileSync, statSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";

const root = path.resolve(import.meta.dirname, "..");

const floors: Record<string, number> = {
  lib: 0,
  errors: 0,
  client: 0,
  task: 1,
  settings: 1,
  events: 2,
  engine: 3,
  registry: 4,
  lanes: 4,
  store: 4,
  outlets: 4,
  hardware: 4,
  services: 5,
  api: 6,
  cli: 6,
  testing: 6,
  dashboard: 6,
};
const top = 7;

const allowedAtTop = new Set([
  "package.json",
  "package-lock.json",
  "README.md",
  "LICENSE",
  "CHANGELOG.md",
  "settings",
  "tasks",
  "community-tasks",
  "data",
  "src",
  "test",
  "docs",
  "node_modules",
  "tsconfig.json",
  "biome.json",
  "vitest.config.ts",
]);

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .map((name) => path.join(folder, name))
    .filter((file) => /\.(ts|mjs)$/.test(file) && statSync(file).isFile());
}

/** Comments and strings that look like imports do not count: an import starts its line. */
function importsOf(file: string): string[] {
  const text = readFileSync(file, "utf8");
  const found = [
    ...text.matchAll(/^\s*(?:import|export)\b[^;'"]*?from\s*["'](\.[^"']+)["']/gm),
    ...text.matchAll(/^\s*import\s*["'](\.[^"']+)["']/gm),
    ...text.matchAll(/\bimport\(\s*["'](\.[^"']+)["']/g),
    ...text.matchAll(/new URL\(\s*["'](\.[^"']+\.(?:ts|mjs))["']\s*,\s*import\.meta\.url/g),
  ];
  return found.map((match) => path.resolve(path.dirname(file), match[1] as string));
}

/** The program itself: it hands the composition root down to the command line, so it stands at the top. */
const program = path.join("cli", "program.mjs");

const folderOf = (file: string): string => {
  const relative = path.relative(path.join(root, "src"), file);
  if (relative === program) return "";
  return relative.includes(path.sep) ? (relative.split(path.sep)[0] as string) : "";
};
const floorOf = (folder: string): number => (folder === "" ? top : (floors[folder] ?? Number.NaN));

test("every import runs downhill: X must not import Y on its own or a higher floor", () => {
  const complaints: string[] = [];
  for (const file of filesBelow(path.join(root, "src"))) {
    const from = folderOf(file);
    for (const target of importsOf(file)) {
      const to = folderOf(target);
      if (from === to || floorOf(to) < floorOf(from)) continue;
      complaints.push(
        `${path.relative(root, file)} must not import ${path.relative(root, target)}: ` +
          `${from || "the top"} is on floor ${floorOf(from)}, ${to || "the top"} on floor ${floorOf(to)}`,
      );
    }
  }
  expect(complaints).toEqual([]);
});

test("lib and errors import nothing of ours but their own folder", () => {
  const complaints = ["lib", "errors"].flatMap((folder) =>
    filesBelow(path.join(root, "src", folder)).flatMap((file) =>
      importsOf(file)
        .filter((target) => folderOf(target) !== folder)
        .map((target) => `${path.relative(root, file)} must not import ${path.relative(root, target)}`),
    ),
  );
  expect(complaints).toEqual([]);
});

test("every folder of src has a floor", () => {
  const folders = readdirSync(path.join(root, "src"), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name);
  expect(folders.filter((folder) => !(folder in floors))).toEqual([]);
});

test("task files import only armature/task and their own helpers", () => {
  const complaints: string[] = [];
  for (const folder of ["tasks", "community-tasks"]) {
    for (const file of filesBelow(path.join(root, folder))) {
      for (const target of importsOf(file)) {
        if (path.relative(path.join(root, folder), target).startsWith(".."))
          complaints.push(`${path.relative(root, file)} must not import ${path.relative(root, target)}`);
      }
    }
  }
  expect(complaints).toEqual([]);
});

test("the top level holds what the design names and nothing else", () => {
  const found = readdirSync(root).filter((name) => !name.startsWith("."));
  expect(found.filter((name) => !allowedAtTop.has(name))).toEqual([]);
});
