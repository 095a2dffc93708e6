// Joins the sources, and the packages of many small files, with esbuild, which tsx brings. Loads only when there is
// something to join.
import { existsSync, readFileSync, statSync } from "node:fs";
import { chmod, mkdir, mkdtemp, readdir, rename, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { listFile, place, root, sources } from "./joined.mjs";

/** What every start needs and what consists of many modules; the other packages stay as they are. */
const packages = [
  "@asteasolutions/zod-to-openapi",
  "@hono/node-server",
  "@hono/zod-openapi",
  "fastest-levenshtein",
  "hono",
  "lowdb",
  "openapi3-ts",
  "zod",
];

/** Programs that began with an earlier folder load from it when they first need a part, and start children from it. */
const kept = { newest: 5, ms: 24 * 60 * 60 * 1000 };

const program = "cli/program.mjs";
/** TypeScript for the sources: what is joined needs it for task files only, and loads it before the first of them. */
const boot = path.join(sources, "task/door/boot.mjs");
const locales = path.join(sources, "task/door/locales.mjs");

/** Writes a folder and, last, the list that names it. @throws what esbuild or the disk says, and then leaves neither */
export async function join() {
  await mkdir(place, { recursive: true });
  await dropOld();
  const folder = await mkdtemp(path.join(place, "joined-"));
  try {
    // Whoever may read the sources may start the program.
    await chmod(folder, 0o755);
    const list = { root, folder: path.basename(folder), ...(await joinInto(folder)) };
    const draft = path.join(folder, "list.json");
    await writeFile(draft, JSON.stringify(list));
    await rename(draft, listFile);
    return list;
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
}

async function joinInto(folder) {
  const tsx = createRequire(import.meta.url).resolve("tsx/esm/api");
  const esbuild = createRequire(tsx)("esbuild");
  const read = new Map();
  const entries = [program, ...(await partsByName())];
  const { metafile } = await esbuild.build({
    absWorkingDir: root,
    entryPoints: entries.map((entry) => ({ in: path.join("src", entry), out: outputOf(entry) })),
    outdir: folder,
    outExtension: { ".js": ".mjs" },
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "node",
    target: "node20",
    metafile: true,
    sourcemap: "linked",
    sourcesContent: false,
    logLevel: "silent",
    plugins: [{ name: "armature", setup: (build) => howToJoin(build, read) }],
  });
  return {
    outputs: Object.fromEntries(entries.map((entry) => [entry, `${outputOf(entry)}.mjs`])),
    files: Object.entries(metafile.outputs).map(([file, { bytes }]) => [path.basename(file), bytes]),
    sources: [...Object.keys(metafile.inputs), ...rules()].map((file) => read.get(file) ?? stateOf(file)),
  };
}

function howToJoin({ onResolve, onLoad }, read) {
  onResolve({ filter: /^[^./]/ }, ({ kind, path: name }) => {
    const isJoined = packages.some((one) => name === one || name.startsWith(`${one}/`));
    return kind === "entry-point" || isJoined ? null : { external: true, path: name };
  });
  onResolve({ filter: /^\.\.\/locales\/index\.js$/ }, ({ importer }) =>
    /\/zod\/v4\/\w+\/\w+\.js$/.test(importer) ? { path: locales } : null,
  );
  onLoad({ filter: /\.(ts|mjs)$/ }, ({ path: file }) => {
    if (!file.startsWith(sources)) return null;
    // Before it is read: what is changed meanwhile counts as changed.
    const state = stateOf(path.relative(root, file));
    read.set(state[0], state);
    return { contents: file === boot ? "" : contentsOf(file), loader: file.endsWith(".ts") ? "ts" : "js" };
  });
}

/** Where a thread, a process or a hook of Node begins, or the door leads: the URL of a name beside one's own. */
const partByName = /new URL\(\s*"(\.[^"]+\.(?:ts|mjs))",\s*import\.meta\.url,?\s*\)/;
const places = new RegExp(`${partByName.source}|import\\.meta\\.(url|dirname)`, "g");

async function partsByName() {
  const files = await readdir(sources, { recursive: true });
  const parts = files
    .filter((file) => /\.(ts|mjs)$/.test(file))
    .flatMap((file) => {
      const text = readFileSync(path.join(sources, file), "utf8");
      const named = text.matchAll(new RegExp(partByName, "g"));
      return Array.from(named, ([, part]) => path.join(path.dirname(file), part));
    });
  return new Set(parts);
}

const outputOf = (entry) => entry.replace(/\.\w+$/, "").replaceAll(path.sep, "-");

/** A source is told the place it has; what it loads by name lies beside what it is joined to. */
function contentsOf(file) {
  return readFileSync(file, "utf8").replaceAll(places, (_, part, which) => {
    if (which === "url") return JSON.stringify(pathToFileURL(file).href);
    if (which === "dirname") return JSON.stringify(path.dirname(file));
    const entry = path.relative(sources, path.resolve(path.dirname(file), part));
    const beside = JSON.stringify(`./${outputOf(entry)}.mjs`);
    return `new URL(${beside}, import.meta.url)`;
  });
}

function stateOf(file) {
  const { mtimeMs, size } = statSync(path.join(root, file));
  return [file, mtimeMs, size];
}

/** This file; and what changes with every installation, as the files of packages bear one date in all their versions. */
function rules() {
  const locks = ["node_modules", "..", "../.."].map((folder) => path.join(folder, ".package-lock.json"));
  return ["src/lib/joined/join.mjs", ...locks].filter((file) => existsSync(path.join(root, file)));
}

/** What no working tree that is still there has listed, once nobody can be using it. */
async function dropOld() {
  const names = await readdir(place);
  const listed = new Set(names.filter((name) => name.endsWith(".json")).map(folderIn));
  const folders = names
    .filter((name) => name.startsWith("joined-") && !listed.has(name))
    .map((name) => ({ folder: path.join(place, name), at: statSync(path.join(place, name)).mtimeMs }))
    .sort((a, b) => b.at - a.at);
  for (const { folder, at } of folders.slice(kept.newest))
    if (Date.now() - at > kept.ms) await rm(folder, { recursive: true, force: true });
}

function folderIn(name) {
  try {
    const list = JSON.parse(readFileSync(path.join(place, name), "utf8"));
    return existsSync(list.root) ? list.folder : null;
  } catch {
    return null; // damaged: it names none
  }
}
