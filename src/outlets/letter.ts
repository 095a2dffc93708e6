// What a receiver gets of an event: its id, its body, and the headers that say who sent it.
import type { TaskRecord } from "../task/record.ts";
import type { Delivery } from "./delivery-queue.ts";
import { signatureOf } from "./signature.ts";

/** In memory the task goes along as it was when it happened; after a restart it is as it is then. */
export interface Told extends Delivery {
  readonly record?: TaskRecord;
}

export interface Sender {
  readonly version: string;
  /** Signs the letter. */
  readonly secret: string;
  /** Unix time. */
  readonly seconds: number;
}

/** @param task as it was, or as it is now; null for an event that is about none */
export function letterOf(
  { id, type, task_id, timestamp, fields }: Told,
  task: TaskRecord | null,
  sender: Sender,
) {
  const body = JSON.stringify({ id, type, timestamp, task_id, ...fields, task });
  const headers = {
    "Content-Type": "application/json",
    "User-Agent": `Armature/${sender.version}`,
    "Armature-Event": type,
    "Armature-Id": id,
    "Armature-Timestamp": String(sender.seconds),
    "Armature-Signature": signatureOf(body, sender.seconds, sender.secret),
  };
  return { body, headers };
}

/** The same event has the same id, also where it is told a second time after a power cut. */
export const idOf = ({ id, updated_at }: TaskRecord, type: string): string =>
  `${id}.${type}.${Date.parse(updated_at)}`;

/** Without what may be a key of somebody's. */
export function shown(url: string): string {
  const { origin, pathname } = new URL(url);
  return origin + pathname;
}
