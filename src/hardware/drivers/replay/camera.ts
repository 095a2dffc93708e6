// A camera that serves the photos of a directory, byte for byte, by the angle of the turntable.
import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { RuntimeError } from "../../../errors/runtime-error.ts";
import { isoTime } from "../../../lib/clock.ts";
import { isRotary } from "../../../task/capabilities.ts";
import type { CaptureOptions, Capturing, Photo } from "../../../task/devices.ts";
import type { DriverContext, OpenDevice } from "../../device.ts";
import type { Faultable, Faults } from "../simulated/faults.ts";
import { Shutter } from "../simulated/shutter.ts";
import type { ReplayOptions } from "./options.ts";

const types: Record<string, string> = { jpg: "image/jpeg", jpeg: "image/jpeg", png: "image/png" };
const extensionOf = (file: string): string => path.extname(file).slice(1).toLowerCase();

export class ReplayCamera implements OpenDevice, Capturing, Faultable {
  readonly name: string;
  readonly driver: string;
  readonly capabilities = ["capturing"] as const;
  readonly isStopped = false;
  readonly #context: DriverContext;
  readonly #turntable: string;
  readonly #files: readonly string[];
  readonly #shutter: Shutter;

  /** @param files absolute, in the order of the angle: the first at 0 degrees, the others at equal steps */
  constructor(options: ReplayOptions, context: DriverContext, files: readonly string[]) {
    this.name = context.name;
    this.driver = context.driver;
    this.#context = context;
    this.#turntable = options.turntable;
    this.#files = files;
    this.#shutter = new Shutter(options, context);
  }

  get doing(): string | null {
    return this.#shutter.doing;
  }

  get fault() {
    return this.#shutter.fault;
  }

  setFaults(faults: Faults): void {
    this.#shutter.setFaults(faults);
  }

  capture(options: CaptureOptions = {}): Promise<Photo> {
    return this.#shutter.expose(options, async (exposure) => {
      const file = this.#fileAt(this.#angle());
      const bytes = await readFile(file).catch((error: Error) => this.#fail(error.message, error));
      const extension = extensionOf(file);
      return {
        bytes,
        type: types[extension] ?? "application/octet-stream",
        extension,
        takenAt: isoTime(this.#context.clock.now()),
        ...exposure,
      };
    });
  }

  async close(): Promise<void> {
    // Nothing is held open: every capture reads its file anew.
  }

  #angle(): number {
    const turntable = this.#context.peer(this.#turntable);
    if (turntable && isRotary(turntable)) return turntable.angleDegrees;
    return this.#fail(`there is no turntable '${this.#turntable}' whose angle chooses the photo`);
  }

  #fileAt(angleDegrees: number): string {
    const count = this.#files.length;
    return this.#files[Math.round((angleDegrees / 360) * count) % count] as string;
  }

  #fail(problem: string, cause?: Error): never {
    throw new RuntimeError("DEVICE_FAILED", { device: this.name, problem }, { cause });
  }
}

export async function open(options: ReplayOptions, context: DriverContext): Promise<OpenDevice> {
  const directory = path.resolve(context.root, options.directory);
  const refuse = (problem: string): never => {
    throw new RuntimeError("DEVICE_FAILED", {
      device: context.name,
      problem,
      remedy: `Put the photos of one turn (${Object.keys(types).join(", ")}) into ${directory}, or name another 'directory' in the device profile.`,
    });
  };
  const names = await readdir(directory).catch((error: Error) =>
    refuse(`the directory ${options.directory} cannot be read: ${error.message}`),
  );
  const photos = names.filter((name) => extensionOf(name) in types && !name.startsWith(".")).sort();
  if (photos.length === 0) refuse(`there are no photos in ${options.directory}`);
  return new ReplayCamera(
    options,
    context,
    photos.map((name) => path.join(directory, name)),
  );
}
