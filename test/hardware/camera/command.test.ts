import { watch } from "node:fs";
import { mkdtemp, readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { expect, test } from "vitest";
import { type Devices, openDevices } from "../../../src/hardware/devices.ts";
import { parseProfile } from "../../../src/hardware/profile.ts";
import { systemClock } from "../../../src/lib/clock.ts";
import { identityOf, isAlive } from "../../../src/lib/processes/identity.ts";
import { ProcessNotes } from "../../../src/lib/processes/notes.ts";
import { demand } from "../../../src/task/capabilities.ts";
import type { Capturing, Focusable } from "../../../src/task/devices.ts";
import { capabilitiesKeepTheirPromises } from "../../contracts/capabilities.ts";
import { photo } from "../../fixtures/camera/photo.mjs";
import { machine, quiet, realMachine, temporary } from "../machine.ts";

const program = path.resolve(import.meta.dirname, "../../fixtures/camera/camera.mjs");
const camera = (...args: string[]): object => ({
  driver: "command_camera",
  command: [process.execPath, program, ...args],
});
const cameraOf = (devices: Devices): Capturing => demand(devices.get("camera"), "capturing");
const opened = async (options: object): Promise<Capturing> =>
  cameraOf((await realMachine({ camera: options })).devices);

const lens = { arguments: ["--autofocus-mode", "manual", "--lens-position={focus_dioptres}"] };

capabilitiesKeepTheirPromises("a command", () =>
  realMachine({
    camera: { ...camera("file", "-o", "{file}"), focus: { ...lens, min_dioptres: 2 } },
    second: camera("stdout"),
  }),
);

test("a focus that was told becomes arguments of every photo, until it is left to the camera again", async () => {
  const log = path.join(await temporary(), "log.txt");
  const taking = demand(
    await opened({ ...camera("file", "-o", "{file}", "--log", log), focus: lens }),
    "focusable",
  ) as Capturing & Focusable;
  const shoot = async (): Promise<void> => void (await taking.capture());
  await shoot();
  await taking.focusAt(35 / 3);
  await shoot();
  await shoot();
  await taking.autofocus();
  await shoot();
  const taken = (await readFile(log, "utf8"))
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line).slice(4));
  const told = ["--autofocus-mode", "manual", "--lens-position=11.6667"];
  expect(taken).toEqual([[], told, told, []]);
});

test("the focus is not told during an exposure", async () => {
  const taking = (await opened({ ...camera("file", "-o", "{file}"), focus: lens })) as Capturing & Focusable;
  const exposing = taking.capture();
  await expect(taking.focusAt(3)).rejects.toMatchObject({ code: "DEVICE_BUSY" });
  await exposing;
  expect(taking.focusDioptres).toBeNull();
});

test("a camera whose profile says nothing of a focus cannot be told one", async () => {
  const taking = await opened(camera("stdout"));
  expect(() => demand(taking, "focusable")).toThrow("camera cannot be told where to focus.");
});

test("a placeholder of the focus that nobody fills is refused with the profile", () => {
  const profile = { devices: { camera: { ...camera("stdout"), focus: { arguments: ["{focus}"] } } } };
  expect(() => parseProfile(JSON.stringify(profile), "x.json")).toThrow(
    "devices.camera.focus.arguments: nothing fills the placeholder {focus}",
  );
});

test("the settings of a capture and those of the profile become arguments, each whole", async () => {
  const log = path.join(await temporary(), "log.txt");
  const taking = await opened({
    ...camera(
      "file",
      ...["-o", "{file}", "--log", log, "--shutter", "{exposure_us}", "--gain={gain}"],
      ...["{exposure_s}/{quality}", "two words; $(rm) `it`"],
    ),
    settings: { quality: 93 },
  });
  await taking.capture({ exposureMs: 12.5, gain: 1.5 });
  await taking.capture();
  const [first, second] = (await readFile(log, "utf8"))
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(first.slice(4)).toEqual([
    ...["--shutter", "12500", "--gain=1.5", "0.0125/93", "two words; $(rm) `it`"],
  ]);
  expect(second.slice(4, 7)).toEqual(["--shutter", "50000", "--gain=1"]);
  expect(first[1]).toMatch(/photo\.jpg$/);
});

test("what the program gave is the photo, byte for byte, and nothing is left on the disk", async () => {
  const before = process.env.TMPDIR;
  process.env.TMPDIR = await mkdtemp(path.join(await temporary(), "photos-"));
  try {
    const taking = await opened(camera("file", "-o", "{file}"));
    const taken = await taking.capture();
    expect(Buffer.from(taken.bytes).equals(photo)).toBe(true);
    expect(taken).toMatchObject({ type: "image/jpeg", extension: "jpg" });
    expect(await readdir(process.env.TMPDIR)).toEqual([]);
  } finally {
    if (before === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = before;
  }
});

test("a program that fails says why with what it wrote last, bounded", async () => {
  const failure = await (await opened(camera("complains"))).capture().catch((error: unknown) => error);
  expect(failure).toMatchObject({ code: "DEVICE_FAILED" });
  const { message } = failure as Error;
  expect(message).toContain("ended with code 3: ");
  expect(message).toContain("line 30: no cameras available");
  expect(message.length).toBeLessThan(1200);
});

test.each([
  ["no-image", "what it gave is no image: 22 bytes that begin with '<html>It works!</html>'"],
  ["nothing", "what it gave is no image: nothing at all"],
  ["half", "its photo was cut short: "],
  ["floods", "wrote more than 100000 bytes"],
])("a program that gives no photo (%s) is told apart", async (how, problem) => {
  const taking = await opened({ ...camera(how), most_bytes: 100_000 });
  await expect(taking.capture()).rejects.toThrow(problem);
});

test("a program that wrote to another place than {file} is told so", async () => {
  const taking = await opened(camera("file", "-o", "other.jpg", "{file}"));
  await expect(taking.capture()).rejects.toThrow("wrote no photo.jpg, but other.jpg");
});

test.each([
  ["pipe", /what .* made of photo\.jpg is no file/],
  ["device", /what .* made of photo\.jpg is no file/],
  ["removes", /ended well and wrote no photo\.jpg$/],
])(
  "a photo that cannot be read (%s) fails at once, and the camera is free for the next",
  async (how, problem) => {
    const { devices } = await realMachine({ camera: camera(how, "-o", "{file}") });
    const failure = await cameraOf(devices)
      .capture()
      .catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: "DEVICE_FAILED", message: expect.stringMatching(problem) });
    expect(devices.state("camera")).toMatchObject({ doing: null });
  },
);

async function hanging(): Promise<{ args: string[]; started: Promise<number[]> }> {
  const directory = await temporary();
  const file = path.join(directory, "pids.json");
  const started = new Promise<number[]>((resolve) => {
    const watcher = watch(directory, async () => {
      const text = await readFile(file, "utf8").catch(() => "");
      if (!text.endsWith("]")) return;
      watcher.close();
      resolve(JSON.parse(text));
    });
  });
  return { args: ["hangs", "--pids", file], started };
}

test("a program that hangs is ended at the limit with all it started, and the camera is marked", async () => {
  const { args, started } = await hanging();
  const m = await machine({ camera: { ...camera(...args), timeout_seconds: 5, exposure_ms: 1000 } });
  const bound = m.devices.bind({ camera: "exclusive" }, () => new AbortController().signal);
  const late = demand(bound.camera ?? cameraOf(m.devices), "capturing")
    .capture()
    .catch((error: unknown) => error);
  const processes = (await started).map(identityOf);
  expect(processes.map(isAlive)).toEqual([true, true]);
  expect(m.devices.state("camera")).toMatchObject({ state: "busy", doing: "taking a photo" });
  await m.clock.advance(6000);
  expect(await late).toMatchObject({ code: "DEVICE_TIMEOUT", details: { timeout_seconds: 6 } });
  expect(processes.map(isAlive)).toEqual([false, false]);
  expect(m.devices.state("camera")).toMatchObject({
    state: "failed",
    problem: "camera did not answer within 6 seconds.",
  });
});

test("an abort ends the program with all it started; so does letting go of the camera", async () => {
  for (const end of ["abort", "close"]) {
    const { args, started } = await hanging();
    const { devices } = await realMachine({ camera: camera(...args) });
    const abort = new AbortController();
    const taken = cameraOf(devices)
      .capture({ signal: abort.signal })
      .catch((error: unknown) => error);
    const processes = (await started).map(identityOf);
    const reason = new Error("enough");
    if (end === "abort") abort.abort(reason);
    else await devices.close();
    expect(await taken).toEqual(
      end === "abort" ? reason : expect.objectContaining({ code: "DEVICE_FAILED" }),
    );
    expect(processes.map(isAlive)).toEqual([false, false]);
  }
});

test("a program is noted while it runs, so that the next boot ends what a killed runtime leaves behind", async () => {
  const directory = path.join(await temporary(), "processes");
  const notes = new ProcessNotes(directory, quiet);
  const { args, started } = await hanging();
  const profile = parseProfile(JSON.stringify({ devices: { camera: camera(...args) } }), "test.json");
  const devices = await openDevices(profile, { clock: systemClock, log: quiet, root: directory, notes });
  const taken = cameraOf(devices)
    .capture()
    .catch((error: unknown) => error);
  const processes = await started;
  expect(await readdir(directory)).toEqual([`${processes[0]}.json`]);
  // As the next boot would.
  expect(await notes.endLeftovers()).toBe(1);
  expect(await taken).toMatchObject({ message: expect.stringContaining("was ended by SIGKILL") });
  expect(processes.map(identityOf).map(isAlive)).toEqual([false, false]);
  await devices.close();
  expect(await readdir(directory)).toEqual([]);
});

test("a program that is not there makes the device fail with what to do, and the rest works", async () => {
  const { devices } = await realMachine({
    camera: { driver: "command_camera", command: ["no-such-camera", "-o", "{file}"] },
    light: { driver: "simulated_light" },
  });
  expect(devices.state("camera")).toMatchObject({
    state: "failed",
    problem: "there is no program no-such-camera that can be run",
    remedy: "Install it, or give its whole path in the device profile.",
  });
  expect(devices.state("light").state).toBe("ready");
});

test("a placeholder that nobody fills is refused with the profile", async () => {
  await expect(realMachine({ camera: camera("-o", "{file}", "--iso", "{iso}") })).rejects.toThrow(
    "nothing fills the placeholder {iso}; there are {file}, {exposure_ms}, {exposure_us}, {exposure_s}, {gain}",
  );
});
