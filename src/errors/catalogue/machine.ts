// The machine under us.
import type { CatalogueEntry } from "../entry.ts";

export const machine = {
  DISK_TOO_FULL: {
    kind: "unavailable",
    sentence: "The disk has {free_mb} MB free, and {needed_mb} MB are needed.",
    remedy: "Remove old projects from data/projects, or move the data directory (ARMATURE_DATA_DIR).",
  },
  SETTINGS_NOT_WRITABLE: {
    kind: "unavailable",
    sentence: "{file} cannot be written: {problem}",
    remedy: "Free space, or make it writable for the user the runtime runs as; nothing has changed.",
  },
  STORE_UNAVAILABLE: {
    kind: "unavailable",
    sentence: "The data directory cannot be written: {problem}",
    remedy:
      "Free space, mend the disk, or set ARMATURE_DATA_DIR to a directory that can be written; nothing accepted is lost, and work goes on by itself when it can be written again.",
  },
  DATA_DIR_IN_USE: {
    kind: "conflict",
    sentence: "Another runtime (process {pid}) uses {directory}.",
    remedy:
      "To speak to it, set ARMATURE_HOST and ARMATURE_PORT to where it listens; else stop it, or set ARMATURE_DATA_DIR to another directory.",
  },
  DATA_FROM_NEWER: {
    kind: "broken",
    sentence: "{file} was written by a newer version (schema {found}, this one knows {known}).",
    remedy: "Use that version again, or set ARMATURE_DATA_DIR to another directory.",
  },
  PORT_IN_USE: {
    kind: "conflict",
    sentence: "Port {port} on {host} is in use.",
    remedy: "Stop what listens there, or set ARMATURE_PORT (0 picks a free one).",
  },
  CORE_TASKS_MISSING: {
    kind: "broken",
    sentence: "Required core tasks are missing: {missing}.",
    remedy: "{hint}Restore the files in tasks/core, or change required_core_tasks in settings/firmware.json.",
  },
  OPTIONAL_PACKAGE_MISSING: {
    kind: "unavailable",
    sentence: "The package '{name}' is needed for this and is not installed: {problem}",
    remedy: "Run npm install {name}.",
  },
  CLIENT_TOO_SLOW: {
    kind: "unavailable",
    sentence: "The connection was closed: {waiting} messages waited to be read.",
    remedy: "Connect again with ?since={seq}; read faster, or follow fewer tasks.",
  },
  TOO_MANY_STREAMS: {
    kind: "unavailable",
    sentence: "There are already {limit} open streams.",
    remedy: "Close streams nobody reads; one connection to /ws carries every event.",
  },
  TOO_MANY_PENDING: {
    kind: "unavailable",
    sentence: "{waiting} tasks are pending, and messages are taken while there are fewer than {limit}.",
    remedy: "Send it again when some have started, or raise max_pending in settings/redis.json.",
  },
  SHUTTING_DOWN: {
    kind: "unavailable",
    sentence: "The runtime is shutting down.",
    remedy: "Send it again when it is back.",
  },
  INTERNAL: {
    kind: "broken",
    sentence: "Something went wrong inside the runtime.",
    remedy: "The log has the details under the request id {request_id}; please report it.",
  },
} as const satisfies Record<string, CatalogueEntry>;
