// The examples of docs/using-the-api.md, typed into a shell in their order, against the real program.
import { afterAll, beforeAll, expect, test } from "vitest";
import { WebSocket } from "ws";
import { deferred } from "../../src/lib/deferred.ts";
import { Program } from "../system/program.ts";
import { canCurl, typeCurls } from "./curl.ts";
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

test.skipIf(!canCurl)("every curl example is answered as the page says", async () => {
  await typeCurls(page, program.url);
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
