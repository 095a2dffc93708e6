// The sha256 of files that tasks have written.
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import path from "node:path";
import { pipeline } from "node:stream/promises";
import type { FileHashes } from "../engine/ports.ts";
import { sentenceOf } from "../errors/runtime-error.ts";
import type { Logger } from "../lib/logger.ts";

/** @param directory what relative names are relative to */
export const fileHashes = (directory: string, logger: Logger): FileHashes => ({
  async of(file) {
    const hash = createHash("sha256");
    try {
      await pipeline(createReadStream(path.resolve(directory, file)), hash);
      return hash.digest("hex");
    } catch (error) {
      logger.warn({ file, problem: sentenceOf(error) }, "a task's file could not be read");
      return null;
    }
  },
});
