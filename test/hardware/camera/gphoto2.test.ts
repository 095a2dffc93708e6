import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { expect, test } from "vitest";
import { Gphoto2Camera } from "../../../src/hardware/drivers/camera/gphoto2/camera.ts";
import { loadLibrary } from "../../../src/hardware/drivers/camera/gphoto2/library.ts";
import { identityOf, isAlive } from "../../../src/lib/processes/identity.ts";
import { descendantsOf } from "../../../src/lib/processes/table.mjs";
import { photo } from "../../fixtures/camera/photo.mjs";
import { realMachine, temporary } from "../machine.ts";
import { testWithLibrary } from "../native.ts";

const library = "libgphoto2.so.6";
const onLibrary = testWithLibrary("libgphoto2 (apt install libgphoto2-6)", () => loadLibrary(library));

/** The camera that libgphoto2 makes of a directory: it can be listed and read. */
async function directoryCamera(more: object = {}) {
  const directory = await temporary();
  await mkdir(path.join(directory, "DCIM", "100TEST"), { recursive: true });
  await writeFile(path.join(directory, "DCIM", "100TEST", "one.jpg"), photo);
  await writeFile(path.join(directory, "two.jpg"), Buffer.concat([photo, photo]));
  const options = { driver: "gphoto2_camera", model: "Directory Browse", port: `disk:${directory}`, ...more };
  const before = descendantsOf(process.pid);
  const { devices } = await realMachine({ camera: options, light: { driver: "simulated_light" } });
  const processes = descendantsOf(process.pid).filter((pid) => !before.includes(pid));
  return { devices, processes };
}

async function opened() {
  const { devices, processes } = await directoryCamera();
  const camera = devices.get("camera");
  if (!(camera instanceof Gphoto2Camera)) throw new Error("that is another driver");
  return { devices, camera, processes };
}

onLibrary("the library says its version", () => {
  expect(loadLibrary(library).version()).toMatch(/^2\.5\.\d+/);
});

onLibrary("the files of a directory are listed and read, byte for byte", async () => {
  const { camera } = await opened();
  expect(camera.model).toBe("Directory Browse");
  const files = await camera.listFiles();
  expect(files).toEqual([
    { folder: "/", name: "two.jpg" },
    { folder: "/DCIM/100TEST", name: "one.jpg" },
  ]);
  const contents = await Promise.all(files.map((file) => camera.readFile(file)));
  expect(contents.map((bytes) => Buffer.from(bytes).toString("hex"))).toEqual(
    [Buffer.concat([photo, photo]), photo].map((bytes) => bytes.toString("hex")),
  );
  await expect(camera.readFile({ folder: "/", name: "three.jpg" })).rejects.toMatchObject({
    code: "DEVICE_FAILED",
    message: expect.stringContaining("//three.jpg cannot be read: "),
  });
});

onLibrary("a camera that cannot be told to take a photo says so, and shows no such capability", async () => {
  const { camera, devices } = await opened();
  expect(devices.state("camera")).toMatchObject({ state: "ready", capabilities: [] });
  await expect(camera.capture()).rejects.toMatchObject({ code: "DEVICE_LACKS" });
  expect(camera.doing).toBe(null);
});

onLibrary("a call that never returns ends with its process at an abort; the next has a new one", async () => {
  const { camera, processes } = await opened();
  expect(processes.length).toBe(1);
  const [pid] = processes as [number];
  const identity = identityOf(pid);
  // As good as a library that hangs: nothing in there goes on, nothing can be asked to stop.
  process.kill(pid, "SIGSTOP");
  const abort = new AbortController();
  const listed = camera.listFiles("/", { signal: abort.signal }).catch((error: unknown) => error);
  const reason = new Error("enough");
  abort.abort(reason);
  expect(await listed).toBe(reason);
  expect(isAlive(identity)).toBe(false);
  expect((await camera.listFiles()).length).toBe(2);
});

onLibrary("a process that crashes fails the call that waits, with what to do", async () => {
  const { camera, processes } = await opened();
  const [pid] = processes as [number];
  process.kill(pid, "SIGSTOP");
  const listed = camera.listFiles().catch((error: unknown) => error);
  process.kill(pid, "SIGKILL");
  expect(await listed).toMatchObject({
    code: "DEVICE_FAILED",
    message: "camera failed: its process has ended by SIGKILL",
    details: { remedy: "POST /devices/camera/reconnect starts it again." },
  });
});

onLibrary("nothing is left of it once the devices are closed", async () => {
  const { devices, processes } = await opened();
  const identities = processes.map(identityOf);
  await devices.close();
  expect(identities.map(isAlive)).toEqual([false]);
});

onLibrary.each<[string, object, string, string]>([
  ["a port", { port: "disc:/tmp" }, "there is no port disc:/tmp: Unknown port (-5)", "gphoto2 --list-ports"],
  ["a model", { model: "Nokia 7" }, "there is no camera model 'Nokia 7': ", "gphoto2 --list-cameras"],
])("%s that there is not is named, with what to do, and the rest works", async (_, more, problem, remedy) => {
  const { devices, processes } = await directoryCamera(more);
  expect(devices.state("camera")).toMatchObject({
    state: "failed",
    problem: expect.stringContaining(problem),
    remedy: expect.stringContaining(remedy),
  });
  expect(devices.state("light").state).toBe("ready");
  expect(processes).toEqual([]);
});

test("without the library the camera fails, and says which package has it", async () => {
  const { devices } = await directoryCamera({ library: "libgphoto2-of-nobody.so" });
  expect(devices.state("camera")).toMatchObject({
    state: "failed",
    problem: expect.stringContaining("libgphoto2-of-nobody.so cannot be loaded: "),
    remedy: expect.stringContaining("apt install libgphoto2-6"),
  });
});
