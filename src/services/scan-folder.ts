// One directory of a scan: its photos, what is known of each, and what is known of all. Knows no devices and no tasks.
import { readdir, rm } from "node:fs/promises";
import path from "node:path";
import { Low } from "lowdb";
import { RuntimeError } from "../errors/runtime-error.ts";
import { writeDurably } from "../lib/durable-file.ts";
import { syncedJsonFile } from "../lib/json-file.ts";
import type { PhotoFile, PolarPoint, ScanFolder } from "../task/services.ts";

export interface ScanPlace {
  readonly dataDirectory: string;
  readonly project: string;
  readonly index: number;
}

interface StoredPath {
  readonly points: readonly { theta_degrees: number; phi_degrees: number }[];
}
type Facts = Record<string, unknown>;

const two = (index: number): string => String(index).padStart(2, "0");
const three = (step: number): string => String(step).padStart(3, "0");

export const scanName = (index: number): string => `scan${two(index)}`;

const photoFile = /^(scan\d+_\d{3}(?:_fs\d{2})?)\.[a-z0-9]+$/;

/** Relative to the data directory. */
export const scanDirectory = ({ project, index }: ScanPlace): string =>
  path.join("projects", project, scanName(index));

export class StoredScan implements ScanFolder {
  readonly project: string;
  readonly index: number;
  readonly directory: string;
  readonly path: readonly PolarPoint[];
  readonly #dataDirectory: string;
  readonly #facts: Low<Facts>;
  /** The photos that are durable, by name; known without asking the disk, which a hardware step must not wait for. */
  readonly #durable = new Set<string>();
  #saving: Promise<unknown> = Promise.resolve();
  #problem: { error: unknown } | null = null;

  private constructor(place: ScanPlace, points: readonly PolarPoint[]) {
    this.project = place.project;
    this.index = place.index;
    this.directory = scanDirectory(place);
    this.path = points;
    this.#dataDirectory = place.dataDirectory;
    this.#facts = new Low<Facts>(syncedJsonFile(this.#absolute("scan.json")), {});
  }

  /** Writes the plan and what is known into a directory that was just made. */
  static async begin(place: ScanPlace, points: readonly PolarPoint[], facts: object): Promise<StoredScan> {
    const scan = new StoredScan(place, points);
    await pathDocument(place).write({
      points: points.map((point) => ({
        theta_degrees: point.thetaDegrees,
        phi_degrees: point.phiDegrees,
      })),
    });
    await scan.describe(facts);
    return scan;
  }

  /** The scan that lies there, or null. What a power cut left half-written is removed. */
  static async find(place: ScanPlace): Promise<StoredScan | null> {
    const stored = await pathDocument(place).read();
    if (!stored) return null;
    const points = stored.points.map((point) => ({
      thetaDegrees: point.theta_degrees,
      phiDegrees: point.phi_degrees,
    }));
    const scan = new StoredScan(place, points);
    await scan.#facts.read();
    await scan.#look();
    return scan;
  }

  async hasPhoto(step: number, focus?: number): Promise<boolean> {
    return this.#durable.has(this.#photoName(step, focus));
  }

  async writePhoto(step: number, photo: PhotoFile, metadata: object): Promise<string> {
    const name = this.#photoName(step, photo.focus);
    const file = path.join(this.directory, `${name}.${photo.extension}`);
    const about = { step, file: path.basename(file), bytes: photo.bytes.length, ...metadata };
    try {
      // The metadata first: a photo that lies there has its metadata too.
      await writeDurably(this.#absolute("metadata", `${name}.json`), `${JSON.stringify(about, null, 2)}\n`);
      await writeDurably(path.join(this.#dataDirectory, file), photo.bytes);
    } catch (cause) {
      const problem = `${file}: ${(cause as Error).message}`;
      throw new RuntimeError("STORE_UNAVAILABLE", { problem }, { cause });
    }
    this.#durable.add(name);
    return file;
  }

  savePhoto(step: number, photo: PhotoFile, metadata: object): void {
    this.#saving = Promise.all([
      this.#saving,
      this.writePhoto(step, photo, metadata).catch((error: unknown) => {
        this.#problem ??= { error };
      }),
    ]);
  }

  async saved(): Promise<void> {
    await this.#saving;
    if (this.#problem) throw this.#problem.error;
  }

  async photos(): Promise<string[]> {
    return (await this.#photoNames()).map((name) => path.join(this.directory, name));
  }

  async describe(facts: object): Promise<void> {
    const { project, index } = this;
    await this.#facts.update((known) => Object.assign(known, { project, index }, facts));
  }

  async #photoNames(): Promise<string[]> {
    const names = await readdir(this.#absolute());
    return names.filter((name) => photoFile.test(name)).sort();
  }

  /** Without its ending. */
  #photoName(step: number, focus?: number): string {
    return `${scanName(this.index)}_${three(step)}${focus === undefined ? "" : `_fs${two(focus)}`}`;
  }

  async #look(): Promise<void> {
    for (const file of await this.#photoNames()) this.#durable.add(photoFile.exec(file)?.[1] ?? file);
    const names = await readdir(this.#absolute(), { recursive: true });
    const torn = names.filter((name) => name.endsWith(".tmp"));
    await Promise.all(torn.map((name) => rm(this.#absolute(name), { force: true })));
  }

  #absolute(...names: string[]): string {
    return path.join(this.#dataDirectory, this.directory, ...names);
  }
}

const pathDocument = (place: ScanPlace) =>
  syncedJsonFile<StoredPath>(path.join(place.dataDirectory, scanDirectory(place), "path.json"));
