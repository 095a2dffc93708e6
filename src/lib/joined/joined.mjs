// The program in few files: joined from its hundreds of sources once, and again when one of them has changed. A start
// takes half the time and an eighth less memory. See docs/decisions/0032-the-program-is-joined.md.
import { existsSync, readFileSync, realpathSync, statSync } from "node:fs";
import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

export const root = path.resolve(import.meta.dirname, "../../..");

export const sources = path.join(root, "src/");

/** Goes when the packages go, which are also found from here. As Node names its files: without links. */
export const place = path.join(withoutLinks(path.join(root, "node_modules")), ".cache/armature");

/** Working trees may share their packages, so each has a list of its own. */
export const listFile = path.join(place, `${root.replaceAll(/\W+/g, "-").slice(-100)}.json`);

function withoutLinks(folder) {
  return existsSync(folder) ? realpathSync(folder) : folder;
}

/**
 * @param {string} entry one of our sources, relative to src/
 * @returns {Promise<string | null>} the URL of what it was joined to; null where that cannot be done here (the folder
 *   cannot be written, or the machine has no esbuild), and the sources run as they are
 */
export async function joined(entry) {
  const list = current() ?? (await rejoined());
  return list && pathToFileURL(path.join(place, list.folder, list.outputs[entry])).href;
}

/**
 * Where a thread or a child begins that a source starts: it need not run from the sources, too. Looked up once.
 * @param {URL} source
 * @returns {Promise<URL>}
 */
export async function beginningOf(source) {
  const file = fileURLToPath(source);
  // Whoever was joined names what was joined with it.
  if (!file.startsWith(sources)) return source;
  const entry = path.relative(sources, file);
  if (!beginnings.has(entry)) beginnings.set(entry, joined(entry));
  return new URL((await beginnings.get(entry)) ?? source);
}

const beginnings = new Map();

/** What was joined last, if it is there to its end, as after a power cut it may not be, and its sources are unchanged. */
function current() {
  const isWhole =
    (folder) =>
    ([name, bytes]) =>
      sizeOf(path.join(place, folder, name)) === bytes;
  try {
    const list = JSON.parse(readFileSync(listFile, "utf8"));
    const isSound = list.root === root && list.files.every(isWhole(list.folder));
    return isSound && list.sources.every(isUnchanged) ? list : null;
  } catch {
    return null; // there is none, or it is damaged, or another version's: it is written anew
  }
}

const sizeOf = (file) => statSync(file, { throwIfNoEntry: false })?.size;

function isUnchanged([file, modified, size]) {
  const found = statSync(path.join(root, file), { throwIfNoEntry: false });
  return found?.mtimeMs === modified && found.size === size;
}

async function rejoined() {
  try {
    return await (await import("./join.mjs")).join();
  } catch (error) {
    if (process.env.ARMATURE_LOG_LEVEL === "debug") process.stderr.write(`not joined: ${error.stack}\n`);
    return null;
  }
}
