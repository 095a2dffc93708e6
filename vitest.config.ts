import { defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";

/** What starts many processes takes long: begun first, it does not run alone at the end. */
class LongOnesFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const isLong = ({ moduleId }: TestSpecification): boolean =>
      /\/test\/(bench|system|lanes)\//.test(moduleId);
    const sorted = await super.sort(files);
    return [...sorted.filter(isLong), ...sorted.filter((file) => !isLong(file))];
  }
}

// The production path: plain Node with our door for task files, not vitest's module runner.
export default defineConfig({
  test: {
    pool: "forks",
    // On two cores: a third of the time tests wait for processes and motors.
    maxWorkers: 3,
    // A file of tests leaves nothing behind, so the next one needs no process of its own: a third less to wait.
    isolate: false,
    execArgv: ["--import", "./src/task/door/boot.mjs"],
    experimental: { viteModuleRunner: false, nodeLoader: false },
    sequence: { sequencer: LongOnesFirst },
    globalSetup: "test/temporary.mjs",
    include: ["test/**/*.test.ts"],
    testTimeout: 30_000,
    hookTimeout: 30_000,
  },
});
