// Offers editors a tsconfig.json for a folder of task files outside the package, so that they find armature/task.
import { constants } from "node:fs";
import { access, readdir, writeFile } from "node:fs/promises";
import path from "node:path";

const authorsDoor = path.resolve(import.meta.dirname, "../task/index.ts");
const packages = path.resolve(import.meta.dirname, "../../node_modules");

/**
 * Writes `tsconfig.json` into `folder` where the folder is there, can be written and has none; never overwrites.
 * @returns the path of the file it wrote, or null
 */
export async function offerTsconfig(folder: string): Promise<string | null> {
  const file = path.join(folder, "tsconfig.json");
  try {
    await access(folder, constants.W_OK);
    if ((await readdir(folder)).some((name) => name === "tsconfig.json" || name === "jsconfig.json"))
      return null;
    await writeFile(file, `${JSON.stringify(tsconfig(), null, 2)}\n`, { flag: "wx" });
    return file;
  } catch (error) {
    if (isRefusal(error)) return null;
    throw error;
  }
}

function tsconfig(): object {
  return {
    compilerOptions: {
      target: "es2023",
      lib: ["es2023", "esnext.disposable", "dom"],
      module: "preserve",
      moduleDetection: "force",
      allowImportingTsExtensions: true,
      noEmit: true,
      strict: true,
      skipLibCheck: true,
      allowJs: true,
      types: ["node"],
      typeRoots: [path.join(packages, "@types")],
      paths: { "armature/task": [authorsDoor] },
    },
    include: ["**/*.ts", "**/*.mts", "**/*.js", "**/*.mjs"],
  };
}

/** Not there, not ours to write, or another one was quicker: an offer may be declined. */
function isRefusal(error: unknown): boolean {
  const code = error instanceof Error && "code" in error ? error.code : null;
  return ["ENOENT", "ENOTDIR", "EACCES", "EPERM", "EROFS", "EEXIST", "ENOSPC"].includes(String(code));
}
