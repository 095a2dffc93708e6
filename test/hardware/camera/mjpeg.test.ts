import { once } from "node:events";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import type { Devices } from "../../../src/hardware/devices.ts";
import { PartReader } from "../../../src/hardware/drivers/camera/multipart.ts";
import { deferred } from "../../../src/lib/deferred.ts";
import { demand } from "../../../src/task/capabilities.ts";
import type { Capturing } from "../../../src/task/devices.ts";
import { capabilitiesKeepTheirPromises } from "../../contracts/capabilities.ts";
import { photo } from "../../fixtures/camera/photo.mjs";
import { below, type Random, randomOf } from "../../random.ts";
import { machine, realMachine } from "../machine.ts";

/** A camera on the network. @param answer what it does with a request */
async function networkCamera(answer: (response: ServerResponse, path: string) => void) {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(request.url ?? "");
    answer(response, request.url ?? "");
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  return { server, asked, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

const camera = (url: string, more: object = {}): object => ({ driver: "mjpeg_camera", url, ...more });
const cameraOf = (devices: Devices): Capturing => demand(devices.get("camera"), "capturing");
const opened = async (url: string, more: object = {}): Promise<Capturing> =>
  cameraOf((await realMachine({ camera: camera(url, more) })).devices);

const typeOfStream = { "content-type": "multipart/x-mixed-replace; boundary=frame" };
const part = (content: Uint8Array): Buffer =>
  Buffer.concat([
    Buffer.from(`--frame\r\nContent-Type: image/jpeg\r\nContent-Length: ${content.length}\r\n\r\n`),
    content,
    Buffer.from("\r\n"),
  ]);

capabilitiesKeepTheirPromises("MJPEG over HTTP", async () => {
  const { url } = await networkCamera((response, path) => {
    if (path.startsWith("/shot")) response.writeHead(200, { "content-type": "image/jpeg" }).end(photo);
    else response.writeHead(200, typeOfStream).write(Buffer.concat([part(photo), part(photo)]));
  });
  return realMachine({
    single: camera(`${url}/shot.jpg?exposure={exposure_ms}`),
    stream: camera(`${url}/stream`),
  });
});

test("the settings of a capture go into the address", async () => {
  const { url, asked } = await networkCamera((response) => response.end(photo));
  const taking = await opened(`${url}/shot?us={exposure_us}&iso={gain}`);
  await taking.capture({ exposureMs: 8, gain: 3 });
  expect(asked).toEqual(["/shot?us=8000&iso=3"]);
});

test("the connection is given back once the photo is there, though the stream has no end", async () => {
  const gone = deferred();
  const { url } = await networkCamera((response) => {
    response.on("close", gone.resolve);
    response.writeHead(200, typeOfStream).write(Buffer.concat([part(photo), part(photo)]));
  });
  const taken = await (await opened(url)).capture();
  expect(Buffer.from(taken.bytes).equals(photo)).toBe(true);
  await gone.promise;
});

test("frames that were taken before are skipped, and empty ones are none", async () => {
  const later = Buffer.concat([photo, Buffer.from([0])]);
  const { url } = await networkCamera((response) => {
    response
      .writeHead(200, typeOfStream)
      .write(Buffer.concat([part(Buffer.alloc(0)), part(photo), part(photo), part(later), part(photo)]));
  });
  const taken = await (await opened(url, { skip_frames: 2 })).capture();
  expect(taken.bytes.length).toBe(later.length);
});

test("a camera that stalls in mid-photo ends in DEVICE_TIMEOUT, and is well again with the next photo", async () => {
  let isWell = false;
  const stalled = deferred();
  const { url } = await networkCamera((response) => {
    if (isWell) response.end(photo);
    else response.writeHead(200, typeOfStream).write(part(photo).subarray(0, 90), () => stalled.resolve());
  });
  const m = await machine({ camera: camera(url, { timeout_seconds: 3, exposure_ms: 1000 }) });
  const bound = m.devices.bind({ camera: "exclusive" }, () => new AbortController().signal);
  const taking = demand(bound.camera ?? cameraOf(m.devices), "capturing");
  const late = taking.capture().catch((error: unknown) => error);
  await stalled.promise;
  await m.clock.advance(4000);
  expect(await late).toMatchObject({ code: "DEVICE_TIMEOUT", details: { timeout_seconds: 4 } });
  expect(m.devices.state("camera")).toMatchObject({ state: "failed", doing: null });
  isWell = true;
  await taking.capture();
  expect(m.devices.state("camera")).toMatchObject({ state: "ready", problem: null });
});

test.each<[string, (response: ServerResponse) => void, string]>([
  [
    "breaks off in a frame",
    (response) => response.writeHead(200, typeOfStream).end(part(photo).subarray(0, 100)),
    "the stream ended before a whole photo (0 had come)",
  ],
  [
    "hangs up in a photo",
    (response) => {
      response.writeHead(200, { "content-length": 1000 });
      response.write(photo, () => response.destroy());
    },
    "cannot be read: ",
  ],
  ["sends a page", (response) => response.end("<html>Login</html>"), "begin with '<html>Login</html>'"],
  ["refuses", (response) => response.writeHead(401).end(), "answered 401 Unauthorized"],
  [
    "sends more than anybody wants",
    (response) => response.end(Buffer.alloc(5000)),
    "the photo has more than 2000 bytes",
  ],
  [
    "announces more than anybody wants",
    (response) => response.writeHead(200, typeOfStream).write(part(Buffer.alloc(5000)).subarray(0, 80)),
    "a photo of the stream has more than 2000 bytes",
  ],
  [
    "never begins a part",
    (response) => response.writeHead(200, typeOfStream).write(Buffer.alloc(70_000, "no boundary\n")),
    "no part begins within 65536 bytes",
  ],
])("a camera that %s says what is wrong", async (_, answer, problem) => {
  const { url } = await networkCamera(answer);
  const failure = await (await opened(url, { most_bytes: 2000 })).capture().catch((error: unknown) => error);
  expect(failure).toMatchObject({ code: "DEVICE_FAILED" });
  expect((failure as Error).message).toContain(problem);
});

test("a camera that is not there is named with what to do, its address's secrets left out", async () => {
  const { url, server } = await networkCamera(() => undefined);
  server.close();
  await once(server, "close");
  const taking = await opened(`${url}/shot?password=secret`);
  const failure = await taking.capture().catch((error: Error & { remediation?: string }) => error);
  expect(failure).toMatchObject({ code: "DEVICE_FAILED" });
  expect((failure as Error).message).toContain(`${new URL(url).host} cannot be read`);
  expect(JSON.stringify(failure)).not.toContain("secret");
});

test("an abort hangs up and gives its reason", async () => {
  const reason = new Error("enough");
  const abort = new AbortController();
  const { url } = await networkCamera(() => abort.abort(reason));
  await expect((await opened(url)).capture({ signal: abort.signal })).rejects.toBe(reason);
});

test("parts are found however a camera writes its boundaries and wherever the network cuts the stream", () => {
  const seed = Date.now() % 100_000;
  const random = randomOf(seed);
  const delimiters: [announced: string | null, sent: string][] = [
    ["frame", "--frame"],
    ["--frame", "--frame"],
    ["--frame", "----frame"],
    ["-----------------------7d", "-------------------------7d"],
    [null, "--unannounced"],
  ];
  for (let run = 0; run < 300; run++) {
    const [announced, sent] = delimiters[run % delimiters.length] as (typeof delimiters)[number];
    const newline = random() < 0.5 ? "\r\n" : "\n";
    const says = random() < 0.5;
    const photos = Array.from({ length: 5 }, () => noise(random, 1 + below(random, 3000)));
    const stream = Buffer.concat([
      Buffer.from(random() < 0.5 ? newline : ""),
      ...photos.flatMap((content) => [
        Buffer.from(`${sent}${newline}Content-Type: image/jpeg${newline}`),
        Buffer.from(`${says ? `Content-length:${content.length}${newline}` : ""}${newline}`),
        content,
        Buffer.from(newline),
      ]),
      Buffer.from(`${sent}${newline}`),
    ]);
    const found: Uint8Array[] = [];
    const reader = new PartReader(announced, 4000, (content) => found.push(content));
    for (let from = 0; from < stream.length; ) {
      const to = from + 1 + Math.floor(random() ** 3 * 2000);
      reader.push(stream.subarray(from, to));
      from = to;
    }
    expect(
      found.map((content) => Buffer.from(content).toString("hex")),
      `seed ${seed}, run ${run}`,
    ).toEqual(photos.map((content) => content.toString("hex")));
  }
});

/** Like a compressed photo: any bytes, but no end of a line before a dash, and none at its end. */
function noise(random: Random, length: number): Buffer {
  const bytes = Buffer.from(Array.from({ length }, () => below(random, 256)));
  for (const [at, byte] of bytes.entries()) if (byte === 0x2d) bytes[at] = 0x2c;
  bytes[length - 1] = 0xd9;
  return bytes;
}
