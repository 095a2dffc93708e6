// Photos through libgphoto2 need a camera that can be told to take them: here that is a stand-in for the library. What
// the real library does is tried in gphoto2.test.ts.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { readdir, readFile, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import type { Devices } from "../../../src/hardware/devices.ts";
import { identityOf, isAlive } from "../../../src/lib/processes/identity.ts";
import { descendantsOf } from "../../../src/lib/processes/table.mjs";
import { demand } from "../../../src/task/capabilities.ts";
import type { Capturing } from "../../../src/task/devices.ts";
import { capabilitiesKeepTheirPromises } from "../../contracts/capabilities.ts";
import { photo } from "../../fixtures/camera/photo.mjs";
import { compileLibrary, hasCompiler } from "../../fixtures/compiler.ts";
import { machine, realMachine, temporary } from "../machine.ts";

const libraries = mkdtempSync(path.join(os.tmpdir(), "armature-gphoto2-"));
const library = path.join(libraries, "libgphoto2-standin.so");
const source = path.resolve(import.meta.dirname, "../../fixtures/camera/gphoto2-standin.c");
if (hasCompiler) compileLibrary(source, library);
afterAll(() => rmSync(libraries, { recursive: true, force: true }));

async function card(): Promise<string> {
  const directory = await temporary();
  writeFileSync(path.join(directory, "scene"), photo);
  return directory;
}
const camera = (directory: string, more: object = {}) => ({
  ...{ driver: "gphoto2_camera", library, port: `usb:${directory}` },
  ...more,
});
const cameraOf = (devices: Devices): Capturing => demand(devices.get("camera"), "capturing");

describe.skipIf(!hasCompiler)("a camera behind libgphoto2", () => {
  capabilitiesKeepTheirPromises("libgphoto2", async () => realMachine({ camera: camera(await card()) }));

  test("is set before each photo, which is read and then deleted from it", async () => {
    const directory = await card();
    const settings = { iso: "200", shutterspeed: "{exposure_s}", zoom: "2.5", autofocus: "1" };
    const { devices } = await realMachine({
      camera: camera(directory, { settings, delete_from_camera: true }),
    });
    const taken = await cameraOf(devices).capture({ exposureMs: 20 });
    expect(Buffer.from(taken.bytes).equals(photo)).toBe(true);
    await cameraOf(devices).capture();
    const written = await readFile(path.join(directory, "settings"), "utf8");
    const lines = (exposure: string) => ["iso=200", `shutterspeed=${exposure}`, "zoom=2.5", "autofocus=1"];
    expect(written.trim().split("\n")).toEqual([...lines("0.02"), ...lines("0.05")]);
    expect((await readdir(directory)).sort()).toEqual(["scene", "settings"]);
  });

  test("keeps its photos where the profile does not say otherwise", async () => {
    const directory = await card();
    const { devices } = await realMachine({ camera: camera(directory) });
    await cameraOf(devices).capture();
    await cameraOf(devices).capture();
    expect((await readdir(directory)).sort()).toEqual(["IMG_0001.JPG", "IMG_0002.JPG", "scene"]);
  });

  test("refuses a setting that it does not have, and says why a photo failed", async () => {
    const directory = await card();
    const { devices } = await realMachine({
      camera: camera(directory, { settings: { iso: "100" } }),
      other: camera(directory, { settings: { flavour: "salty" } }),
    });
    await expect(demand(devices.get("other"), "capturing").capture()).rejects.toThrow(
      "other failed: its setting 'flavour' cannot be 'salty': Error of the stand-in (-2)",
    );
    await rm(path.join(directory, "scene"));
    await expect(cameraOf(devices).capture()).rejects.toThrow(
      "camera failed: it took no photo: I/O problem (-7)",
    );
  });

  test("that hangs in a native call is ended at the limit with its process, marked, and takes the next photo", async () => {
    const directory = await card();
    const before = descendantsOf(process.pid);
    const m = await machine({ camera: camera(directory, { timeout_seconds: 4, exposure_ms: 1000 }) });
    const [pid = 0] = descendantsOf(process.pid).filter((other) => !before.includes(other));
    const stuck = identityOf(pid);
    writeFileSync(path.join(directory, "hangs"), "");
    const bound = m.devices.bind({ camera: "exclusive" }, () => new AbortController().signal);
    const taking = demand(bound.camera ?? cameraOf(m.devices), "capturing");
    const late = taking.capture().catch((error: unknown) => error);
    await m.clock.advance(5000);
    expect(await late).toMatchObject({ code: "DEVICE_TIMEOUT", details: { timeout_seconds: 5 } });
    expect(isAlive(stuck)).toBe(false);
    expect(m.devices.state("camera")).toMatchObject({ state: "failed", doing: null });
    await rm(path.join(directory, "hangs"));
    await taking.capture();
    expect(m.devices.state("camera")).toMatchObject({ state: "ready", problem: null });
  });
});
