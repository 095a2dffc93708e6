// Settings while the runtime runs: a change is checked, written durably, and taken up at once where that is possible.
import { RuntimeError } from "../errors/runtime-error.ts";
import type { Firmware } from "./firmware.ts";
import { firmwareSchema } from "./firmware.ts";
import { isTree, type Key, keysOf, merge, schemaOf, treeOf, valueAt } from "./keys.ts";
import { firmwareFile, firmwareFrom, profilesOf, type Settings } from "./load.ts";
import { readOpenscan } from "./openscan.ts";
import { profileFile } from "./profiles.ts";
import type { SettingsFile } from "./settings-file.ts";
import { invalidSettings } from "./strict.ts";

/** Every key of the patch is in one of the three lists, dotted. */
export interface PatchOutcome {
  /** What the files and the environment say now. */
  readonly settings: Firmware;
  /** In force. */
  readonly applied: readonly string[];
  /** Written; the next start takes them up. */
  readonly needs_restart: readonly string[];
  /** Written, but the environment says something else and wins. */
  readonly overridden: readonly string[];
}

type Listener = (settings: Settings) => void;

/**
 * Stands around a change of the device profile, or of its file: `write` makes the change durable and takes it up.
 * @throws what refuses it, before `write`; then nothing has changed
 */
export type ProfileSwitch = (profilePath: string, write: () => Promise<void>) => Promise<void>;

const setByProgram = { file: "The settings", problem: "the program that embeds the runtime sets them" };

const keys: readonly Key[] = keysOf(schemaOf(firmwareSchema));

export class LiveSettings {
  readonly #file: SettingsFile | null;
  readonly #listeners = new Set<Listener>();
  #current: Settings;
  #configured: Firmware;
  #turn: Promise<unknown> = Promise.resolve();
  #switchProfile: ProfileSwitch = (_, write) => write();

  constructor(settings: Settings) {
    this.#current = settings;
    this.#configured = settings.firmware;
    const { settings: folder, project } = settings.directories;
    this.#file = folder === null ? null : firmwareFile(folder, project);
  }

  /** What is in force; ask anew each time. Keys that need a restart keep the value of the start. */
  get current(): Settings {
    return this.#current;
  }

  /** What the next start will find. */
  get configured(): Firmware {
    return this.#configured;
  }

  /** The keys whose new value waits for a restart. */
  get needsRestart(): readonly string[] {
    return keys.flatMap(({ path }) => (this.#inForce(path) ? [] : [path]));
  }

  /**
   * Objects are merged, everything else (lists too) is replaced; patches take turns.
   * @throws INVALID_SETTINGS with field paths, SETTINGS_NOT_WRITABLE, and what refuses another profile; then nothing has
   * changed
   */
  patch(changes: unknown): Promise<PatchOutcome> {
    const outcome = this.#turn.then(() => this.#patch(changes));
    this.#turn = outcome.catch(() => undefined);
    return outcome;
  }

  /** Whoever has the devices says how a patch that names `profile` is carried out. */
  onProfile(switchProfile: ProfileSwitch): void {
    this.#switchProfile = switchProfile;
  }

  /** The listener is told after a change came into force. @returns a function that ends it */
  onChange(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async #patch(changes: unknown): Promise<PatchOutcome> {
    if (!isTree(changes)) throw invalidSettings("the patch", [{ path: "", message: "expected an object" }]);
    const { directories, overridden } = this.#current;
    const { settings, project } = directories;
    if (this.#file === null || settings === null)
      throw new RuntimeError("SETTINGS_NOT_WRITABLE", setByProgram);
    const environment = valuesOf(this.#current.firmware, overridden);
    const beneath = (await readOpenscan(settings, project))?.values ?? {};
    const written = (await this.#file.read()) ?? { $schema: "./schemas/firmware.schema.json" };
    firmwareFrom({ beneath, written, environment }, this.#file.shown);
    const content = merge(written, changes);
    const configured = firmwareFrom({ beneath, written: content, environment }, "the patch");
    const profilePath = profileFile(configured.profile, await profilesOf({ settings, project }), "the patch");
    const file = this.#file;
    const write = async (): Promise<void> => {
      await file.write(content);
      this.#take(configured, profilePath);
    };
    const namesProfile = "profile" in changes && !overridden.includes("profile");
    await (namesProfile ? this.#switchProfile(profilePath, write) : write());
    const named = keys.filter(({ path }) => valueAt(changes, path.split(".")) !== undefined);
    const free = named.filter(({ path }) => !overridden.includes(path)).map(({ path }) => path);
    return {
      settings: configured,
      applied: free.filter((path) => this.#inForce(path)),
      needs_restart: free.filter((path) => !this.#inForce(path)),
      overridden: named.map(({ path }) => path).filter((path) => overridden.includes(path)),
    };
  }

  #take(configured: Firmware, profilePath: string): void {
    const held = keys.filter((key) => key.restart).map((key) => key.path);
    const firmware = merge(configured, treeOf(valuesOf(this.#current.firmware, held))) as Firmware;
    const changed = JSON.stringify(firmware) !== JSON.stringify(this.#current.firmware);
    this.#configured = configured;
    if (!changed) return;
    this.#current = { ...this.#current, firmware, profilePath };
    for (const listener of this.#listeners) listener(this.#current);
  }

  #inForce(path: string): boolean {
    const steps = path.split(".");
    const [now, next] = [this.#current.firmware, this.#configured].map((from) => valueAt(from, steps));
    return JSON.stringify(now) === JSON.stringify(next);
  }
}

const valuesOf = (firmware: Firmware, paths: readonly string[]): Record<string, unknown> =>
  Object.fromEntries(paths.map((path) => [path, valueAt(firmware, path.split("."))]));
