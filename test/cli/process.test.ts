// The program as a person starts it: a real process, its output and its exit code.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { stat } from "node:fs/promises";
import path from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { folder, projectRoot } from "./shell.ts";

interface Program {
  readonly child: ChildProcess;
  readonly written: { out: string; err: string };
  /** Resolves with what the pattern found in the output. */
  found(pattern: RegExp): Promise<RegExpMatchArray>;
  /** The exit code. */
  ended(): Promise<number | null>;
}

async function armature(words: readonly string[], env: Record<string, string> = {}): Promise<Program> {
  const child = spawn(process.execPath, ["src/cli/armature.mjs", ...words], {
    cwd: projectRoot,
    env: {
      ...process.env,
      ARMATURE_DATA_DIR: path.join(await folder(), "data"),
      ARMATURE_COMMUNITY_TASKS_DIR: path.join(await folder(), "none"),
      ARMATURE_PORT: "0",
      ...env,
    },
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  const exited = once(child, "exit").then(([code]) => code as number | null);
  const written = { out: "", err: "" };
  child.stdout.on("data", (text) => (written.out += text));
  child.stderr.on("data", (text) => (written.err += text));
  return {
    child,
    written,
    ended: () => exited,
    found: (pattern) =>
      new Promise((resolve, reject) => {
        const look = () => {
          const match = pattern.exec(written.out);
          if (match) resolve(match);
        };
        child.stdout.on("data", look);
        void exited.then(() => reject(new Error(`ended without ${pattern}: ${JSON.stringify(written)}`)));
        look();
      }),
  };
}

const listens = /^Armature listens on (http:\/\/127\.0\.0\.1:\d+)\n/m;

test("start prints one line when it is ready, and SIGTERM ends it with exit code 0", async () => {
  const program = await armature(["start"]);
  const [, url] = await program.found(listens);
  expect((await fetch(`${url}/health/ready`)).status).toBe(200);
  program.child.kill("SIGTERM");
  expect(await program.ended()).toBe(0);
  expect(program.written.out).toBe(`Armature listens on ${url}\n`);
});

test("a port in use is a sentence with a remedy", async () => {
  const first = await armature(["start"]);
  const [, url = ""] = await first.found(listens);
  const { port } = new URL(url);
  const second = await armature(["demo"], { ARMATURE_PORT: port });
  expect(await second.ended()).toBe(1);
  expect(second.written.err).toBe(
    `✗ Port ${port} on 127.0.0.1 is in use.\n  → Stop what listens there, or set ARMATURE_PORT (0 picks a free one).\n`,
  );
});

test("the demo scans, crops, names the files and stays up until it is told to end", async () => {
  const program = await armature(["demo"], { ARMATURE_LOG_LEVEL: "error" });
  const [, url] = await program.found(listens);
  await program.found(/✓ scan_task completed after/);
  const [, directory = ""] = await program.found(/ {2}12 photos in (\S+)\n/);
  const [, cropped = ""] = await program.found(/ {2}\d+ × \d+ pixels at \d+, \d+: (\S+\.jpg)\n/);
  expect((await stat(path.resolve(projectRoot, directory))).isDirectory()).toBe(true);
  expect((await stat(path.resolve(projectRoot, cropped))).size).toBeGreaterThan(1000);
  await program.found(/Ctrl\+C ends it\.\n/);
  expect((await fetch(`${url}/health/ready`)).status).toBe(200);
  program.child.kill("SIGINT");
  expect(await program.ended()).toBe(0);
  expect(program.written).toMatchObject({ out: expect.stringContaining("scan_task  100 %  12/12"), err: "" });
}, 90_000);

test("whoever reads us may leave early", async () => {
  const program = await armature(["--help"]);
  program.child.stdout?.destroy();
  expect(await program.ended()).toBe(0);
});
