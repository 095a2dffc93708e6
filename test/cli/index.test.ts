import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import path from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { settingsSchemas } from "../../src/cli/commands/schemas.ts";
import { menu } from "../../src/cli/menu.ts";
import { RuntimeError } from "../../src/errors/runtime-error.ts";
import { projectRoot, type } from "./shell.ts";

/** A port where nobody listens: it was free a moment ago. */
async function port(answer?: string): Promise<string> {
  const server = createServer((_, response) => response.end(answer));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const close = () => new Promise((resolve) => server.close(resolve));
  if (answer === undefined) await close();
  else onTestFinished(async () => void (await close()));
  return String(port);
}

test("--help names every command", async () => {
  const { code, out } = await type(["--help"]);
  expect(code).toBe(0);
  for (const command of Object.keys(menu)) expect(out).toContain(`\n  ${command} `);
  expect((await type([])).out).toBe(out);
});

test("the help of one command says how it is written", async () => {
  const asked = await type(["new", "--help"]);
  expect(asked.out).toContain("armature new <name> [--blocking] [--exclusive] [--dir folder]");
  expect(await type(["help", "new"])).toEqual(asked);
});

test("--version says which one it is", async () => {
  const { version } = JSON.parse(await readFile(path.join(projectRoot, "package.json"), "utf8"));
  expect(await type(["--version"])).toMatchObject({ code: 0, out: `${version}\n` });
});

test("an unknown command is told the nearest one", async () => {
  const { code, err } = await type(["strat"]);
  expect(code).toBe(1);
  expect(err).toBe(
    "✗ There is no command 'strat'.\n  → Did you mean `armature start`? `armature --help` shows all of them.\n",
  );
});

test.each(["constructor", "__proto__", "toString"])("%s is no command", async (word) => {
  const { code, err } = await type([word]);
  expect(code).toBe(1);
  expect(err).toContain(`There is no command '${word}'.`);
});

test("an unknown option is told how the command is written", async () => {
  const { code, err } = await type(["list", "--al"]);
  expect(code).toBe(1);
  expect(err).toContain("Unknown option '--al'.\n  → Usage: armature list [types | tasks | devices]\n");
});

test("a word too many is told so", async () => {
  expect((await type(["list", "types", "tasks"])).err).toContain("'tasks' is one word too many.");
});

test("answer tells which word is missing", async () => {
  expect((await type(["answer"])).err).toContain("The id of the task and the answer are missing.");
  expect((await type(["answer", "1e84a827"])).err).toContain(
    "✗ The answer is missing.\n  → Usage: armature answer",
  );
});

test("a worker that knows no Redis is told how to name one", async () => {
  const { code, err } = await type(["worker"], {
    startWorker: () => Promise.reject(new RuntimeError("LANE_UNAVAILABLE", { lane: "fleet" })),
  });
  expect(code).toBe(1);
  expect(err).toContain(
    "A worker takes its tasks from a Redis, and nothing says which.\n  → Name that of the runtime: `armature worker --url",
  );
});

test("without a server, list says where it looked and how to start one", async () => {
  const at = await port();
  const { code, err } = await type(["list"], { env: { ARMATURE_PORT: at } });
  expect(code).toBe(1);
  expect(err).toContain(
    `No server answers at http://127.0.0.1:${at}.\n  → Start one with \`armature start\``,
  );
  expect(err).not.toContain(" at " + "file:");
});

test("a stranger on the port is not taken for ours", async () => {
  const at = await port('{"hello": "world"}');
  const { code, err } = await type(["list"], { env: { ARMATURE_PORT: at } });
  expect(code).toBe(1);
  expect(err).toContain(`What listens at http://127.0.0.1:${at} is no Armature server.`);
});

test("settings that are wrong are told with their remedy, and no stack", async () => {
  const { code, err } = await type(["list"], { env: { ARMATURE_PORT: "x" } });
  expect(code).toBe(1);
  expect(err).toContain('ARMATURE_PORT: expected number, found "x"\n  → Mend the key');
  expect(err).not.toMatch(/^\s+at /m);
});

test("what nobody foresaw is one sentence; ARMATURE_LOG_LEVEL=debug shows its stack", async () => {
  const startServer = () => Promise.reject(new TypeError("x is not a function"));
  const { code, err } = await type(["start"], { startServer });
  expect(code).toBe(1);
  expect(err).toMatch(/^✗ Something went wrong: x is not a function\n {2}→ [^\n]+\n$/);
  const debug = await type(["start"], { startServer, env: { ARMATURE_LOG_LEVEL: "debug" } });
  expect(debug.err).toMatch(/^\s+at /m);
});

test("the committed schemas are current (npm run schemas)", async () => {
  for (const [name, text] of Object.entries(settingsSchemas())) {
    expect(await readFile(path.join(projectRoot, "settings/schemas", name), "utf8"), name).toBe(text);
  }
});
