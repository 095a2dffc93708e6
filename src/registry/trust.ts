// Which task files the owner trusts with the runtime's own process; all others are imported in processes of their own.
import path from "node:path";
import type { Origin } from "./plugin.ts";

/** `trusted_task_files`: all or none, or files, folders and patterns, relative to the project or absolute. */
export type Trust = boolean | readonly string[];

/** What comes with the release is part of the runtime. */
const ours: readonly Origin[] = ["core", "example"];

/** @param file absolute */
export function isTrusted(file: string, origin: Origin, trust: Trust, projectRoot: string): boolean {
  if (ours.includes(origin)) return true;
  if (typeof trust === "boolean") return trust;
  return trust.some((one) => covers(path.resolve(projectRoot, one), file));
}

/** `*` stands for a part of a name, `**` for any folders; what lies in a folder is covered with it. */
function covers(pattern: string, file: string): boolean {
  if (file === pattern || file.startsWith(pattern + path.sep)) return true;
  if (!pattern.includes("*")) return false;
  const parts = pattern.split(/(\*\*\/|\*\*|\*)/).map((part) => wild[part] ?? literally(part));
  return new RegExp(`^${parts.join("")}$`).test(file);
}

const wild: Readonly<Record<string, string>> = { "**/": "(?:.*/)?", "**": ".*", "*": "[^/]*" };
const literally = (text: string): string => text.replace(/[^\w/]/g, "\\$&");
