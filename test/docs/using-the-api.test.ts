// The examples of docs/using-the-api.md, typed into a shell in their order, against the real program.
import { execFile, execFileSync } from "node:child_process";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { WebSocket } from "ws";
import { deferred } from "../../src/lib/deferred.ts";
import { Program } from "../system/program.ts";
import { pageAndCurrent } from "./generated.ts";
import { codeBlocksOf } from "./page.ts";

const { page, current } = pageAndCurrent("docs/using-the-api.md");
const blocks = codeBlocksOf(page);

let program: Program;
beforeAll(async () => {
  program = await Program.create();
  await program.start();
});
afterAll(() => program.remove());

const canCurl = (() => {
  try {
    execFileSync("curl", ["--version"], { stdio: "ignore" });
    return true;
  } catch {
    console.info("curl is not there: the examples of docs/using-the-api.md are not run");
    return false;
  }
})();

/** Notes the status of every answer; a stream that was cut off by --max-time is no failure. */
const watchedCurl = `curl() {
  command curl -w '%{stderr}status %{http_code}\\n' "$@" || [ $? -eq 28 ]
}
`;

test.skipIf(!canCurl)("every curl example is answered as the page says", async () => {
  const script = blocks
    .filter(({ language }) => language === "sh")
    .map(({ code }) => code)
    .join("\n")
    .replace("http://127.0.0.1:8000", program.url);
  const { stderr } = await promisify(execFile)("sh", ["-euc", watchedCurl + script]);
  const answered = [...stderr.matchAll(/^status (\d+)$/gm)].map((match) => Number(match[1]));
  const commands = script.split("\n").filter((line) => /\bcurl /.test(line));
  expect(answered).toHaveLength(commands.length);
  commands.forEach((command, index) => {
    const promised = /# (\d{3})$/.exec(command)?.[1];
    if (promised) expect(answered[index], command).toBe(Number(promised));
    else expect([200, 202, 204], command).toContain(answered[index]);
  });
});

test("the WebSocket example prints a snapshot, then events", async () => {
  const code = blocks.find(({ language }) => language === "js")?.code ?? "";
  const lines: unknown[][] = [];
  const [snapshot, completed] = [deferred(), deferred()];
  const log = (...words: unknown[]): void => {
    lines.push(words);
    if (words.includes("live tasks, as of")) snapshot.resolve();
    if (words.includes("task_completed")) completed.resolve();
  };
  const run = new Function("WebSocket", "console", "server", `${code}\nreturn socket;`);
  const socket = run(WebSocket, { log }, program.url) as WebSocket;
  await snapshot.promise;
  await program.post("/tasks/hello_world_async", { parameters: { total_steps: 1, delay_seconds: 0 } });
  await completed.promise;
  socket.close();
  expect(lines.map((words) => words[1])).toEqual(
    expect.arrayContaining(["live tasks, as of", "task_scheduled", "task_started", "task_completed"]),
  );
});

test("the table of routes is current (npm run docs)", () => {
  expect(page).toBe(current);
});

test("the table has the routes of /openapi.json and no other", async () => {
  const { paths } = await program.get<{ paths: Record<string, object> }>("/openapi.json");
  const types = new Set((await program.get<{ name: string }[]>("/task-types")).map(({ name }) => name));
  const described = Object.entries(paths)
    .filter(([path]) => !types.has(path.replace("/tasks/", "")))
    .flatMap(([path, methods]) => Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`));
  const listed = [...page.matchAll(/^\| `((?:GET|POST|PATCH|DELETE) \/[^`]*)` \| \d/gm)].map(
    (match) => match[1],
  );
  expect(listed.toSorted()).toEqual(described.toSorted());
});
