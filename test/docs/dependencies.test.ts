// The chain of docs/dependencies.md: a scan, a list of its photos, an upload to a server of the test's own.
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { dependencyPolicies } from "../../src/task/record.ts";
import { Program } from "../system/program.ts";
import { codeBlocksOf, read, taskFilesOf } from "./page.ts";

const page = read("docs/dependencies.md");

let program: Program;
beforeAll(async () => {
  program = await Program.create();
  for (const { name, code } of taskFilesOf(page)) await program.addTask(name, code);
  await program.editSettings("devices/simulated.json", ({ devices }) => {
    for (const device of Object.values(devices as Record<string, Record<string, unknown>>))
      if ("top_speed_degrees_per_s" in device)
        Object.assign(device, { top_speed_degrees_per_s: 1000, acceleration_degrees_per_s2: 20_000 });
  });
  await program.start();
});
afterAll(() => program.remove());

const chain = JSON.parse(codeBlocksOf(page).find(({ code }) => code.includes('"tasks"'))?.code ?? "{}");

/** What is sent to it arrives in `received`. */
async function receiver(status: number): Promise<{ url: string; received: string[] }> {
  const received: string[] = [];
  const server = createServer(async (request, response) => {
    received.push(`${request.method} ${request.url} ${await text(request)}`);
    response.writeHead(status).end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, received };
}

interface Batch {
  readonly tasks: { readonly id: string }[];
}

const submit = async (server: string): Promise<string[]> => {
  const body = JSON.parse(JSON.stringify(chain).replace("http://nas.local", server));
  const { status, body: answer } = await program.post<Batch>("/tasks/batch", body);
  expect(status).toBe(202);
  return answer.tasks.map(({ id }) => id);
};

test("each task finds what the one before has returned, and the last sends it away", async () => {
  const { url, received } = await receiver(201);
  for (const id of await submit(url)) {
    const { status, error } = await program.ended(id);
    expect([status, error]).toEqual(["completed", null]);
  }
  expect(received).toEqual([
    'PUT /scans/teapot.json {"project":"teapot","photos":3,"directory":"projects/teapot/scan01"}',
  ]);
});

test("when the scan is cancelled nothing is listed and nothing sent", async () => {
  const { url, received } = await receiver(201);
  const [scan, ...others] = await submit(url);
  await program.post(`/tasks/${scan}/cancel`);
  for (const id of others)
    expect(await program.ended(id)).toMatchObject({
      status: "cancelled",
      failure: { code: "DEPENDENCY_FAILED" },
    });
  expect(received).toEqual([]);
});

test("the page has every policy, and its table every field of what a task is told", () => {
  for (const policy of dependencyPolicies) expect(page).toContain(`| \`${policy}\``);
  const source = read("src/task/dependencies.ts");
  const fields = [...source.matchAll(/^ {2}readonly (\w+)/gm)].map((match) => match[1] ?? "");
  expect(fields.filter((field) => !new RegExp(`^\\| .*\`${field}\`.*\\|`, "m").test(page))).toEqual([]);
});
