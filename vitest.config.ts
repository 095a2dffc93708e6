import { defineConfig } from "vitest/config";

// The production path: plain Node with our door for task files, not vitest's module runner.
export default defineConfig({
  test: {
    pool: "forks",
    // On two cores: a third of the time tests wait for processes and motors.
    maxWorkers: 3,
    execArgv: ["--import", "./src/task/door/boot.mjs"],
    experimental: { viteModuleRunner: false, nodeLoader: false },
    include: ["test/**/*.test.ts"],
    testTimeout: 30_000,
    hookTimeout: 30_000,
  },
});
