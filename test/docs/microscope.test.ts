// The requests, the parameters and the task of docs/microscope.md.
import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import sharp from "sharp";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Program } from "../system/program.ts";
import { canCurl, typeCurls } from "./curl.ts";
import { codeBlocksOf, read, taskFilesOf } from "./page.ts";

const page = read("docs/microscope.md");

let program: Program;
beforeAll(async () => {
  program = await Program.create();
  await smallerPhotos();
  for (const { name, code } of taskFilesOf(page)) await program.addTask(name, code);
  await program.start({ ARMATURE_LOG_LEVEL: "silent" });
});
afterAll(() => program.remove());

/** They take less time to draw. */
async function smallerPhotos(): Promise<void> {
  const file = path.join(program.folder, "settings/devices/simulated.json");
  const profile = JSON.parse(await readFile(file, "utf8"));
  Object.assign(profile.devices.microscope_camera, { width: 240, height: 180 });
  await writeFile(file, JSON.stringify(profile));
}

interface Ended {
  readonly id: string;
  readonly result: Record<string, unknown>;
}

test.skipIf(!canCurl)(
  "every request is answered as the page says",
  async () => {
    const printed = (await typeCurls(page, program.url)).replaceAll("}{", "}\n{").split("\n").filter(Boolean);
    const [moved, refused, focused, auto, image] = printed.map((line) => JSON.parse(line)) as [
      ...[moved: Ended, refused: object, focused: Ended, auto: Ended, image: Ended],
    ];
    expect(moved).toMatchObject({
      ...{ name: "to the edge", action: "move_stage", task: "move_stage_task", status: "completed" },
      result: { new_position: { x: 250, y: -100, z: 0 } },
    });
    expect(refused).toMatchObject({ code: "OUT_OF_LIMITS", errors: [{ path: "parameters.x" }] });
    expect(focused.result).toMatchObject({ new_position: 1150, sharpness: null });
    // It is sharp at 1240 µm in the middle, and rises by 8 µm per mm along x.
    expect(Math.abs((auto.result.new_position as number) - 1242)).toBeLessThan(4);

    const shown = codeBlocksOf(page).find(({ language }) => language === "json")?.code ?? "";
    expect(Object.keys(image.result)).toEqual(Object.keys(JSON.parse(shown)));
    const small = await sharp(Buffer.from(image.result.image_data as string, "base64")).metadata();
    expect(small.format).toBe("jpeg");
    expect(await program.get(`/tasks/${image.id}/artifacts`)).toMatchObject([
      { name: "image.jpg", type: "image/jpeg" },
    ]);
  },
  120_000,
);

test("who uses the microscope does so one after the other", async () => {
  const submit = async (action: string, parameters: object): Promise<string> =>
    (await program.post("/tasks", { action, parameters })).body.id;
  const moving = await submit("move_stage", { x: -9000, y: 0 });
  const waiting = await submit("capture_image", { exposure: 20 });
  expect(await program.get(`/tasks/${waiting}`)).toMatchObject({
    status: "pending",
    blocked_by: [{ because: "claim", task_id: moving, resource: "microscope" }],
  });
  expect((await program.ended(waiting)).status).toBe("completed");
  expect((await program.ended(moving)).status).toBe("completed");
});

test("every parameter of adjust_focus_task is on the page, and no other", async () => {
  const rows = [...page.matchAll(/^\| ((?:`\w+`(?:, )?)+) +\|/gm)];
  const { parameters } = await program.get<{ parameters: { properties: object } }>(
    "/task-types/adjust_focus_task",
  );
  expect(rows.flatMap(([, cell]) => cell?.match(/\w+/g) ?? [])).toEqual(Object.keys(parameters.properties));
});

test("the task of the page finds how the glass lies, in a process of its own too", async () => {
  const { body } = await program.post("/tasks/focus_map_task?wait=60", {});
  const near = (um: number) => expect.closeTo(um, -1);
  expect(body).toMatchObject({
    status: "completed",
    lane: "isolated",
    result: [
      { x_um: 0, focus_um: near(1240) },
      { x_um: 1000, focus_um: near(1248) },
    ],
  });
}, 60_000);
