// The words of discovery: a candidate file, what is wrong with it, and the line it becomes in the plugin list.
import type { TaskType } from "../engine/ports.ts";

/** Where a file comes from; duplicates are settled in this order. */
export const origins = ["core", "example", "community", "external"] as const;
export type Origin = (typeof origins)[number];

export interface Candidate {
  /** Absolute. */
  readonly path: string;
  /** As people see it: relative to the project where it lies below it, else absolute. */
  readonly file: string;
  readonly origin: Origin;
  /** Named in `task_autodiscovery_ignore_modules`. */
  readonly isIgnored: boolean;
  /** The runtime's own process imports it; other files are imported in processes of their own. */
  readonly isTrusted: boolean;
}

export interface Problem {
  /** 1 is the first; null where no line is to blame. */
  readonly line: number | null;
  readonly reason: string;
  readonly remedy: string;
}

export interface Found<Type> {
  readonly type: Type;
  readonly line: number;
}

/** What inspection says of one file. */
export type VerdictOn<Type> =
  | { readonly is: "sound"; readonly types: readonly Found<Type>[] }
  /** `names`: the task types it would have defined, as far as that is known. */
  | { readonly is: "rejected"; readonly problem: Problem; readonly names: readonly string[] }
  /** `inspecting`: it takes its time. */
  | { readonly is: "opted_out" | "ignored" | "inspecting" };

export type FoundType = Found<TaskType>;
export type Verdict = VerdictOn<TaskType>;

export interface Inspected {
  readonly candidate: Candidate;
  /** sha256 of the content, hex; null where it could not be read or was not looked at. */
  readonly hash: string | null;
  readonly verdict: Verdict;
}

export const pluginStatuses = [
  "loaded",
  "rejected",
  "duplicate",
  "overridden",
  "opted_out",
  "ignored",
  "inspecting",
] as const;
export type PluginStatus = (typeof pluginStatuses)[number];

/** One file as GET /plugins shows it. Fields without a value are null. */
export interface PluginLine {
  readonly file: string;
  readonly line: number | null;
  readonly status: PluginStatus;
  /** Every task type the file defines, taken or not. */
  readonly task_types: readonly string[];
  readonly category: string;
  /** The runtime's own process imports it; false: its tasks run in processes of their own. */
  readonly trusted: boolean;
  readonly reason: string | null;
  readonly remedy: string | null;
  /** sha256 of the file's content, hex. */
  readonly hash: string | null;
}

/** `community-tasks/crop_task.ts:12` */
export const placeOf = (file: string, line: number | null): string =>
  line === null ? file : `${file}:${line}`;
