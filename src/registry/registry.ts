// The task types of this machine: discover -> load -> inspect -> resolve -> publish, again whenever a file changes.
import { randomBytes } from "node:crypto";
import path from "node:path";
import type { TaskType, TaskTypes } from "../engine/ports.ts";
import type { Clock } from "../lib/clock.ts";
import type { Logger } from "../lib/logger.ts";
import { changeBetween, isChange, type RegistryChange } from "./change.ts";
import { coreTasksMissing, type Missing, missingCoreTasks } from "./core-set.ts";
import { type DiscoverySettings, discover, foldersOf, type Places } from "./discover.ts";
import { offerTsconfig } from "./editor.ts";
import { FileInspector } from "./file-inspector.ts";
import { FolderWatch } from "./folder-watch.ts";
import { ClaimsDesk } from "./inspection/claims-desk.ts";
import { Inspections } from "./inspection/inspections.ts";
import type { InspectionLimits } from "./inspection/misfortune.ts";
import { type PluginLine, placeOf } from "./plugin.ts";
import { type Resolved, resolve } from "./resolve.ts";

export interface RegistryOptions {
  /** Absolute; the folder that holds tasks/ and community-tasks/. */
  readonly projectRoot: string;
  /** Asked anew in every round. */
  readonly discovery: () => DiscoverySettings;
  /** Absolute, or relative to the project; need not exist. */
  readonly externalDirectory: string | null;
  readonly clock: Clock;
  readonly log: Logger;
}

export type RegistryListener = (change: RegistryChange) => void;

export class Registry implements TaskTypes {
  readonly #options: RegistryOptions;
  readonly #places: Places;
  readonly #files: FileInspector;
  readonly #inspections: Inspections;
  readonly #claims: ClaimsDesk;
  readonly #watch: FolderWatch;
  readonly #listeners = new Set<RegistryListener>();
  /** One round after the other. */
  #rounds: Promise<unknown> = Promise.resolve();
  #resolved: Resolved = { types: new Map(), lines: [] };
  /** Where links in the folders lead. */
  #linked: readonly string[] = [];
  #isWatching = false;
  #isClosed = false;

  constructor(options: RegistryOptions) {
    this.#options = options;
    this.#places = options;
    const limits = (): InspectionLimits => options.discovery().inspection;
    this.#inspections = new Inspections(limits, options.clock);
    this.#claims = new ClaimsDesk(limits, options.clock);
    this.#watch = new FolderWatch(() => this.#onSettled(), options.log);
    this.#files = new FileInspector({
      id: randomBytes(4).toString("hex"),
      inspections: this.#inspections,
      claims: this.#claims,
      onLate: () => this.#publish(),
    });
  }

  get(name: string): TaskType | undefined {
    return this.#resolved.types.get(name);
  }

  /** Sorted. */
  names(): string[] {
    return [...this.#resolved.types.keys()];
  }

  whyMissing(name: string): string | null {
    const wanted = [name, `${name}_task`];
    const line = this.#resolved.lines.find(
      ({ status, task_types, file }) =>
        status !== "loaded" &&
        wanted.some((one) => task_types.includes(one) || path.parse(file).name === one),
    );
    return line ? `${placeOf(line.file, line.line)} was not taken (${line.status}): ${line.reason}` : null;
  }

  /** Every file that was looked at, in the order in which they were settled. */
  plugins(): readonly PluginLine[] {
    return this.#resolved.lines;
  }

  /**
   * The first round. A bad file is a line in `plugins()`, which is complete even when this throws.
   * @throws CORE_TASKS_MISSING with each missing name and its reason
   */
  async discover(): Promise<void> {
    const missing = await this.#enqueue(false);
    if (this.#options.discovery().enabled) await this.#offerTsconfig();
    if (missing.length > 0) throw coreTasksMissing(missing);
  }

  /** Another round: what has changed is inspected anew, and so is what was rejected. Never throws for a file. */
  rediscover(): Promise<void> {
    return this.#anotherRound(true);
  }

  async #anotherRound(again: boolean): Promise<void> {
    for (const { name, reason } of await this.#enqueue(again)) {
      this.#options.log.error({ task: name, reason }, "a required core task is missing");
    }
  }

  /** What the owner trusts may have changed: another round, soon. */
  settingsChanged(): void {
    if (!this.#isClosed) this.#onSettled();
  }

  /** Takes up what changes in the folders from now on; resolves when they are watched. */
  async watch(): Promise<void> {
    this.#isWatching = true;
    await this.#anotherRound(false);
  }

  /** Told after every round that changed something. */
  onChange(listener: RegistryListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /**
   * For the handlers of errors nobody caught, called inside them: true where the error comes from something that a
   * task file started when it was imported; its types are taken away then.
   */
  blame(error: unknown): boolean {
    return this.#files.blame(error, () => this.#publish());
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.all([this.#inspections.close(), this.#claims.close()]);
    await this.#rounds;
    await this.#watch.close();
  }

  async #offerTsconfig(): Promise<void> {
    const { projectRoot, externalDirectory } = this.#places;
    if (externalDirectory === null) return;
    const written = await offerTsconfig(path.resolve(projectRoot, externalDirectory));
    if (written) this.#options.log.info({ file: written }, "editors find armature/task by this file");
  }

  #enqueue(again: boolean): Promise<Missing[]> {
    const round = this.#rounds.then(() => this.#round(again));
    this.#rounds = round.catch(() => undefined);
    return round;
  }

  async #round(again: boolean): Promise<Missing[]> {
    await this.#look(again);
    // What changed while a watch was being set up was seen by nobody.
    while (this.#isWatching && !this.#isClosed && (await this.#watchAnew())) await this.#look(false);
    const { requiredCoreTasks } = this.#options.discovery();
    return missingCoreTasks(requiredCoreTasks, this.#files.inspected(), this.#resolved);
  }

  async #look(again: boolean): Promise<void> {
    const { candidates, unreadable, linked } = await discover(this.#places, this.#options.discovery());
    this.#linked = linked;
    for (const { folder, problem } of unreadable) {
      this.#options.log.warn({ folder, problem }, "a task folder cannot be read");
    }
    await this.#files.inspectAll(candidates, again);
    this.#publish();
  }

  /** Follows the settings, the imports and the links; false where the watch is right as it is. */
  #watchAnew(): Promise<boolean> {
    const folders = foldersOf(this.#places, this.#options.discovery()).map((folder) => folder.path);
    return this.#watch.follow(folders, [...this.#files.helpers(), ...this.#linked]);
  }

  #onSettled(): void {
    this.#anotherRound(false).catch((error) =>
      this.#options.log.error({ error: String(error) }, "discovery failed; the task types stay as they were"),
    );
  }

  #publish(): void {
    const before = this.#resolved;
    this.#resolved = resolve(this.#files.inspected(), this.#options.discovery().overrideOnConflict);
    const change = changeBetween(before, this.#resolved);
    if (!isChange(change)) return;
    this.#tell(change);
    for (const listener of this.#listeners) listener(change);
  }

  #tell({ added, changed, removed, plugins }: RegistryChange): void {
    for (const { file, line, status, reason, remedy } of plugins) {
      if (status === "loaded" || status === "opted_out" || status === "ignored") continue;
      this.#options.log.warn({ status, remedy }, `${placeOf(file, line)}: ${reason}`);
    }
    this.#options.log.info({ added, changed, removed }, `${this.#resolved.types.size} task types`);
  }
}
