// A camera behind libgphoto2. The library's calls block and may never return, so they run in a process that can be
// ended; the next photo then starts another one.
import { RuntimeError } from "../../../../errors/runtime-error.ts";
import type { WaitOptions } from "../../../../task/devices.ts";
import type { DriverContext, OpenDevice } from "../../../device.ts";
import { DriverProcess } from "../../../process/driver-process.ts";
import { within } from "../../../within.ts";
import { RealCamera, type Shot } from "../camera.ts";
import type { Gphoto2CameraOptions } from "../options.ts";
import { type Exposure, exposureValues, fill } from "../placeholders.ts";
import type { Gphoto2Calls } from "./inside.ts";
import type { CameraFile, FoundCamera } from "./session.ts";

type Line = DriverProcess<Gphoto2Calls>;

/** How long the camera may take to close its lens, in milliseconds. */
const farewellMs = 3000;
/** How long it may take to open, its process included, in milliseconds: less than whoever opens devices waits. */
const openingMs = 25_000;

export class Gphoto2Camera extends RealCamera {
  override readonly capabilities;
  /** What libgphoto2 calls it. */
  readonly model: string;
  readonly #options: Gphoto2CameraOptions;
  readonly #canCapture: boolean;
  #line: Line | null;

  constructor(options: Gphoto2CameraOptions, context: DriverContext, line: Line, found: FoundCamera) {
    super(options, context);
    this.#options = options;
    this.#line = line;
    this.#canCapture = found.canCapture;
    this.model = found.model;
    this.capabilities = found.canCapture ? (["capturing"] as const) : [];
  }

  /** What is stored on the camera. @param folder with all that are in it @throws DEVICE_FAILED */
  async listFiles(folder = "/", { signal }: WaitOptions = {}): Promise<CameraFile[]> {
    return this.#use(signal, (line) => line.ask("list", folder));
  }

  /** One file that is stored on the camera. @throws DEVICE_FAILED */
  async readFile(file: CameraFile, { signal }: WaitOptions = {}): Promise<Uint8Array> {
    return this.#use(signal, (line) => line.ask("read", file));
  }

  override async close(): Promise<void> {
    await super.close();
    const line = this.#line;
    this.#line = null;
    if (!line) return;
    await within(this.context.clock, farewellMs, () => line.ask("close", null).catch(() => undefined));
    await line.end();
  }

  protected async take(exposure: Exposure, signal: AbortSignal): Promise<Shot> {
    if (!this.#canCapture)
      throw new RuntimeError("DEVICE_LACKS", {
        device: this.name,
        capability: `take photos when it is told to: libgphoto2 can only read what is on a ${this.model}`,
      });
    const values = exposureValues(exposure);
    const settings = Object.entries(this.#options.settings).map(([name, value]) => [
      name,
      fill(value, values),
    ]);
    return this.#use(signal, (line) =>
      line.ask("capture", {
        settings: Object.fromEntries(settings),
        deleteFromCamera: this.#options.delete_from_camera,
      }),
    );
  }

  /** No call into the library can be interrupted: with the signal its process goes, and the next call has a new one. */
  async #use<T>(signal = new AbortController().signal, call: (line: Line) => Promise<T>): Promise<T> {
    signal.throwIfAborted();
    this.#line ??= (await connect(this.#options, this.context, signal)).line;
    const line = this.#line;
    const giveUp = (): void => {
      if (this.#line === line) this.#line = null;
      void line.end("it was given up");
    };
    signal.addEventListener("abort", giveUp, { once: true });
    try {
      return await call(line);
    } catch (error) {
      if (signal.aborted) await line.end();
      throw signal.aborted ? signal.reason : error;
    } finally {
      signal.removeEventListener("abort", giveUp);
    }
  }
}

/** @param signal ends the attempt with its process */
async function connect(options: Gphoto2CameraOptions, context: DriverContext, signal: AbortSignal) {
  const { port, model = null, library } = options;
  const line: Line = await DriverProcess.start<Gphoto2Calls>(context, {
    entry: new URL("./entry.mjs", import.meta.url),
    onLost: (problem) => context.log.warn({ device: context.name, problem }, "a camera's process has ended"),
  });
  const giveUp = (): void => void line.end("opening it was given up");
  signal.addEventListener("abort", giveUp, { once: true });
  if (signal.aborted) giveUp();
  try {
    const found = await line.ask("open", { port, model, library });
    return { line, found };
  } catch (error) {
    await line.end();
    throw signal.aborted ? signal.reason : error;
  } finally {
    signal.removeEventListener("abort", giveUp);
  }
}

export async function open(options: Gphoto2CameraOptions, context: DriverContext): Promise<OpenDevice> {
  const limit = new AbortController();
  const late = new RuntimeError("DEVICE_TIMEOUT", {
    device: context.name,
    timeout_seconds: openingMs / 1000,
  });
  const timer = context.clock.after(openingMs, () => limit.abort(late));
  const { line, found } = await connect(options, context, limit.signal).finally(() => timer.cancel());
  return new Gphoto2Camera(options, context, line, found);
}
