// A project's name is the name of its folder, so it must be a plain one, on every file system.
import { RuntimeError } from "../errors/runtime-error.ts";

const plainName = /^[\p{L}\p{N}][\p{L}\p{N} ._-]{0,99}$/u;

/** @throws PATH_REFUSED for what is no plain folder name: with slashes, dots in front, too long, empty */
export function projectFolder(name: string): string {
  if (!plainName.test(name) || /[ .]$/.test(name) || Buffer.byteLength(name) > 200)
    throw new RuntimeError("PATH_REFUSED", { path: name, directories: ["projects"] });
  return name;
}
