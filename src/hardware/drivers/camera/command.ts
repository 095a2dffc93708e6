// A camera behind a program that writes an image, to a file or to its standard output.
import { constants } from "node:fs";
import { access, mkdtemp, readdir, readFile, rm, stat } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { type ProgramEnd, startProgram } from "../../../lib/processes/program.ts";
import type { DriverContext, OpenDevice } from "../../device.ts";
import { cannotOpen, RealCamera, type Shot } from "./camera.ts";
import type { CommandCameraOptions } from "./options.ts";
import { type Exposure, exposureValues, fill } from "./placeholders.ts";

/** Characters of what the program complained of. */
const longestComplaint = 1000;

export class CommandCamera extends RealCamera {
  readonly #options: CommandCameraOptions;
  readonly #program: string;

  /** @param program absolute, or to be looked for in PATH */
  constructor(options: CommandCameraOptions, context: DriverContext, program: string) {
    super(options, context);
    this.#options = options;
    this.#program = program;
  }

  protected async take(exposure: Exposure, signal: AbortSignal): Promise<Shot> {
    const directory = await mkdtemp(path.join(os.tmpdir(), "armature-photo-"));
    try {
      const file = path.join(directory, `photo.${this.#options.extension}`);
      const end = await this.#run(directory, file, exposure, signal);
      signal.throwIfAborted();
      this.#check(end);
      return this.#writesFile ? await this.#read(directory, file) : { bytes: end.output };
    } finally {
      await rm(directory, { recursive: true, force: true });
    }
  }

  /** Behind those of the command. */
  protected get moreArguments(): readonly string[] {
    return [];
  }

  get #writesFile(): boolean {
    return this.#options.command.some((argument) => argument.includes("{file}"));
  }

  async #run(directory: string, file: string, exposure: Exposure, signal: AbortSignal): Promise<ProgramEnd> {
    const values = { ...this.#options.settings, ...exposureValues(exposure), file };
    const given = [...this.#options.command.slice(1), ...this.moreArguments];
    const args = given.map((argument) => fill(argument, values));
    signal.throwIfAborted();
    const program = await startProgram({
      file: this.#program,
      args,
      directory,
      mostOutputBytes: this.#options.most_bytes,
    }).catch((error: Error) => this.fail(`${this.#program} cannot be started: ${error.message}`));
    this.context.remember(program);
    const giveUp = (): void => program.kill();
    signal.addEventListener("abort", giveUp, { once: true });
    if (signal.aborted) giveUp();
    const end = await program.ended;
    signal.removeEventListener("abort", giveUp);
    return end;
  }

  #check({ code, signal, lastErrors, saidTooMuch }: ProgramEnd): void {
    if (saidTooMuch) this.fail(`${this.#program} wrote more than ${this.#options.most_bytes} bytes`);
    if (code === 0) return;
    const how = signal ? `was ended by ${signal}` : `ended with code ${code}`;
    const complaint = lastErrors.join("\n").slice(-longestComplaint) || "it did not say why";
    this.fail(`${this.#program} ${how}: ${complaint}`);
  }

  async #read(directory: string, file: string): Promise<Shot> {
    const found = await stat(file).catch(async () => {
      const others = await readdir(directory).catch((): string[] => []);
      const instead = others.length > 0 ? `, but ${others.slice(0, 5).join(", ")}` : "";
      return this.fail(
        `${this.#program} ended well and wrote no ${path.basename(file)}${instead}`,
        "Its arguments must make it write the photo to {file}.",
      );
    });
    // A read of a pipe, or of a device, may never end.
    if (!found.isFile()) this.fail(`what ${this.#program} made of ${path.basename(file)} is no file`);
    const { size } = found;
    if (size > this.#options.most_bytes)
      this.fail(`the photo has ${size} bytes, more than ${this.#options.most_bytes}`, "Raise most_bytes.");
    return { bytes: await readFile(file), name: file };
  }
}

export async function open(options: CommandCameraOptions, context: DriverContext): Promise<OpenDevice> {
  const named = options.command[0] as string;
  const program = named.includes("/") ? path.resolve(context.root, named) : named;
  const places = named.includes("/")
    ? [program]
    : (process.env.PATH ?? "").split(path.delimiter).map((place) => path.join(place, named));
  for (const place of places) {
    const isThere = await access(place, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (isThere) return cameraFor(options, context, program);
  }
  return cannotOpen(context, {
    problem: `there is no program ${named} that can be run`,
    remedy: named.includes("/")
      ? "Check its path and that it may be executed."
      : "Install it, or give its whole path in the device profile.",
  });
}

async function cameraFor(options: CommandCameraOptions, context: DriverContext, program: string) {
  if (!options.focus) return new CommandCamera(options, context, program);
  const { FocusingCommandCamera } = await import("./focusing-command.ts");
  return new FocusingCommandCamera(options, options.focus, context, program);
}
