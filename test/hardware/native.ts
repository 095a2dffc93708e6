// Tests against libraries of the system. Where one is absent they are skipped, and say what to install; on a CI machine
// they are never skipped, so that its absence is a failure.
import { test } from "vitest";

/** @param load throws where the library cannot be loaded */
export function testWithLibrary(name: string, load: () => unknown) {
  try {
    load();
    return test;
  } catch (error) {
    if (process.env.CI) return test;
    console.warn(`Tests are skipped, ${name} is needed: ${(error as Error).message}`);
    return test.skip;
  }
}
