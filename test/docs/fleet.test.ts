// The task file of docs/fleet.md on a real worker, started as the page says.
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createRuntime } from "../../src/index.ts";
import { Fleet } from "../lanes/fleet/fleet.ts";
import { whyNoRedis } from "../redis-server.ts";
import { Program } from "../system/program.ts";
import { read, taskFilesOf } from "./page.ts";

const page = read("docs/fleet.md");

describe.skipIf(whyNoRedis)("docs/fleet.md", () => {
  const fleet = new Fleet();
  let program: Program;

  beforeAll(async () => {
    program = await Program.create();
    for (const { name, code } of taskFilesOf(page)) await program.addTask(name, code);
    await fleet.open();
    await program.start({ ARMATURE_REDIS_URL: fleet.url });
  });
  afterAll(async () => {
    await program.remove();
    await fleet.close();
  });

  test("the example runs on a worker, and its file comes back", async () => {
    const [, words = "", address = ""] =
      /^npx armature (worker --url (\S+) --concurrency 8)/m.exec(page) ?? [];
    const folders = { ARMATURE_COMMUNITY_TASKS_DIR: path.join(program.folder, "community-tasks") };
    const worker = fleet.start(words.replace(address, fleet.url).split(" "), folders);
    const said = await worker.says(/^(Armature works for .*)$/m);
    // How many the machine can do is another matter.
    const [, shown = ""] = /`(Armature works for [^`]+)`/.exec(page) ?? [];
    expect(said.replace(fleet.url, address)).toBe(
      shown.replace(/\d+(?= task types)/, /\d+(?= task)/.exec(said)?.[0] ?? ""),
    );

    const { body } = await program.post("/tasks/mesh_task", { parameters: { rounds: 3 } });
    const { status, error, lane, result, artifacts } = await program.ended(body.id);
    expect([status, error, lane, result]).toEqual(["completed", null, "fleet", { rounds: 3 }]);
    expect(artifacts).toMatchObject([{ name: "mesh.txt", bytes: 9 }]);
    const file = await fetch(`${program.url}/tasks/${body.id}/artifacts/mesh.txt`);
    expect(await file.text()).toBe("3 rounds\n");
  });

  test("a program that embeds Armature has the same workers", async () => {
    const folders = [path.join(program.folder, "community-tasks")];
    const { tasks, close } = await createRuntime({ redis: fleet.url, folders });
    const { id } = await tasks.submit("mesh_task", { rounds: 2 });
    const { status, lane, result } = await tasks.waitFor(id);
    expect([status, lane, result]).toEqual(["completed", "fleet", { rounds: 2 }]);
    await close();
  });
});
