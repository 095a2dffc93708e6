// The requests, the numbers and the task of docs/alignment.md.
import { afterAll, beforeAll, expect, test } from "vitest";
import { stated } from "../services/alignment/searches.ts";
import { Program } from "../system/program.ts";
import { canCurl, typeCurls } from "./curl.ts";
import { codeBlocksOf, read, sectionsOf, taskFilesOf } from "./page.ts";

const page = read("docs/alignment.md");

let program: Program;
beforeAll(async () => {
  program = await Program.create();
  for (const { name, code } of taskFilesOf(page)) await program.addTask(name, code);
  await program.start({ ARMATURE_LOG_LEVEL: "silent" });
});
afterAll(() => program.remove());

interface Ended {
  readonly id: string;
  readonly task: string;
  readonly status: string;
  readonly result: Record<string, unknown> | null;
  readonly failure: { readonly code: string } | null;
}

test.skipIf(!canCurl)(
  "every request is answered as the page says",
  async () => {
    const printed = (await typeCurls(page, program.url)).replaceAll("}{", "}\n{").split("\n");
    const [flat, dark, yy, light, profile] = printed.filter(Boolean).map((line) => JSON.parse(line)) as [
      Ended,
      Ended,
      { errors: { path: string }[] },
      { errors: { path: string }[] },
      Ended,
    ];

    const shown = JSON.parse(
      codeBlocksOf(page).find(({ language }) => language === "json")?.code ?? "",
    ) as object;
    expect(flat.status).toBe("completed");
    expect(Object.keys(flat.result ?? {})).toEqual(Object.keys(shown));
    expect(flat.result?.power_uw).toBeGreaterThan(850);
    expect(dark.failure?.code).toBe("NO_SIGNAL");
    expect([yy.errors[0]?.path, light.errors[0]?.path]).toEqual(["parameters.axes[1]", "parameters.axis"]);

    expect(profile.result).toMatchObject({ axis: "x", unit: "um", width_fwhm: expect.closeTo(8.9, 0) });
    const artifacts = await program.get<{ url: string; type: string }[]>(`/tasks/${profile.id}/artifacts`);
    expect(artifacts).toMatchObject([{ name: "profile_x.svg", type: "image/svg+xml" }]);
  },
  120_000,
);

test("the distances and tolerances of the page are those that are tested", () => {
  const { flat, focus, angle } = stated;
  const { text } = sectionsOf(page).find(({ title }) => title === "What is promised") ?? { text: "" };
  const promised = (task: string): string =>
    text.split("\n").find((line) => line.startsWith(`| \`${task}`)) ?? "";
  expect(promised("flat_alignment_task")).toContain(
    `${flat?.within.x} µm in x and y; ${flat?.within.z} µm in z`,
  );
  expect(promised("flat_alignment_task")).toContain(`${flat?.tolerance.x} µm in x and y`);
  expect(promised("focus_alignment_task")).toContain(
    `${focus?.within.z} µm in z; ${focus?.within.x} µm in x and y`,
  );
  expect(promised("focus_alignment_task")).toContain(`${focus?.tolerance.z} µm in z`);
  expect(promised("angle_adjustment_task")).toContain(
    `${angle?.within.tx}° in tx, ty and tz; ${angle?.within.x} µm in x, y and z`,
  );
  expect(promised("angle_adjustment_task")).toContain(
    `${angle?.tolerance.tx}° in tx and ty, ${angle?.tolerance.tz}° in tz`,
  );
});

test("every parameter of the four tasks is on the page, and no other", async () => {
  const named = new Set(
    [...page.matchAll(/^\| ((?:`\w+`(?:, )?)+) +\|/gm)].flatMap(([, cell]) => cell?.match(/\w+/g) ?? []),
  );
  const known = new Set<string>();
  for (const task of ["flat_alignment", "focus_alignment", "angle_adjustment", "profile_measurement"]) {
    const { parameters } = await program.get<{ parameters: { properties: object } }>(
      `/task-types/${task}_task`,
    );
    for (const name of Object.keys(parameters.properties)) known.add(name);
  }
  expect([...named].filter((name) => !name.endsWith("_task")).toSorted()).toEqual([...known].toSorted());
});

test("the task of the page finds its peak, in a process of its own too", async () => {
  const { body } = await program.post("/tasks/couple_task?wait=30", {});
  expect(body).toMatchObject({
    status: "completed",
    lane: "isolated",
    result: { x_um: expect.closeTo(11.5, 0) },
  });
});
