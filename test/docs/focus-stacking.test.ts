// The requests and the result of docs/focus-stacking.md.
import { existsSync } from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Program } from "../system/program.ts";
import { makeScannerQuick } from "../system/quick-scanner.ts";
import { sharpnessOfTiles } from "../tasks/pcb.ts";
import { canCurl, typeCurls } from "./curl.ts";
import { codeBlocksOf, read } from "./page.ts";

const page = read("docs/focus-stacking.md");

let program: Program;
beforeAll(async () => {
  program = await Program.create();
  await makeScannerQuick(program, { width: 480, height: 360 });
  await program.start({ ARMATURE_LOG_LEVEL: "silent" });
});
afterAll(() => program.remove());

test.skipIf(!canCurl)(
  "every request is answered as the page says, and the picture is sharper than its photos",
  async () => {
    const printed = (await typeCurls(page, program.url)).replaceAll("}{", "}\n{").split("\n").filter(Boolean);
    const [scanned, stacked, two, refused] = printed.map((line) => JSON.parse(line));
    const shown = codeBlocksOf(page).find(({ language }) => language === "json")?.code ?? "";
    expect(scanned).toMatchObject({ status: "completed", result: { scan_index: 1, photos: 6 } });
    expect(stacked).toMatchObject({ status: "completed", result: JSON.parse(shown) });
    expect(two).toMatchObject({ status: "completed", result: { photos_per_stack: 2, project: null } });
    expect(refused).toMatchObject({ code: "INVALID_PARAMETERS", errors: [{ path: "parameters.photos" }] });
    const [artifact] = await program.get<{ url: string; type: string }[]>(`/tasks/${two.id}/artifacts`);
    expect(artifact).toMatchObject({ name: "stacked.jpg", type: "image/jpeg" });

    const scan = path.join(program.folder, "data/projects/pot/scan01");
    expect(existsSync(path.join(scan, "stacked/calibration_scan01.json"))).toBe(true);
    const sharpness = async (name: string): Promise<number> =>
      (await sharpnessOfTiles(path.join(scan, name), { width: 240, columns: 1, rows: 1 }))[0] as number;
    for (const pose of ["000", "001"]) {
      const photos = await Promise.all([0, 1, 2].map((focus) => sharpness(`scan01_${pose}_fs0${focus}.jpg`)));
      expect(await sharpness(`stacked/stacked_scan01_${pose}.jpg`)).toBeGreaterThan(Math.max(...photos));
    }
  },
  60_000,
);
