// A project's name as tasks take it: a plain one on every file system, as it is the name of its folder.
import { z } from "armature/task";

export const projectName = z
  .string()
  .regex(/^[\p{L}\p{N}]([\p{L}\p{N} ._-]{0,98}[\p{L}\p{N}_-])?$/u, {
    error: ({ input }) =>
      "expected a plain folder name (up to 100 letters, digits, blanks and ._-, the first a letter or a digit, " +
      `the last no blank or dot), found ${JSON.stringify(input)}`,
  })
  .refine((name) => Buffer.byteLength(name) <= 200, "is longer than 200 bytes");

/** How the folder of a scan is called. */
export const scanName = (index: number): string => `scan${String(index).padStart(2, "0")}`;
