// What a task can end with because of where it ran, or what became of the runtime.
import type { CatalogueEntry } from "../entry.ts";

export const lanes = {
  LANE_UNAVAILABLE: {
    kind: "invalid",
    sentence: "This runtime has no '{lane}' lane: it knows no Redis.",
    remedy:
      "Set ARMATURE_REDIS_URL, or url in settings/redis.json, and start `armature worker` somewhere; or leave the lane out.",
  },
  FLEET_CODE_DIFFERS: {
    kind: "task",
    sentence: "The worker {worker} has other code for {task}: {expected} was expected, {found} was found.",
    remedy: "Bring {source} to the same version on both machines, then start `armature worker` there anew.",
  },
  FLEET_FAILED: {
    kind: "task",
    sentence: "The task could not be handed to the fleet: {problem}",
    remedy:
      "See whether Redis takes what it is sent: its log, its memory, its password. Then restart the task.",
  },
  NOT_IN_FLEET: {
    kind: "task",
    sentence: "{what} is not there in the fleet: the task runs on another machine.",
    remedy: "Run the task without 'lane': 'fleet', or hand it what it needs in its parameters.",
  },
  WORKER_LOST: {
    kind: "task",
    sentence: "The worker {worker} was lost while it ran the task: {reason}.",
    remedy: "Look at its machine and its way to Redis; with `retry` another worker tries again.",
  },
  WORKER_SHUT_DOWN: {
    kind: "task",
    sentence: "The worker {worker} was shut down while it ran the task.",
    remedy: "Another worker takes the task, as soon as there is one.",
  },
  LIMITS_NEED_ISOLATION: {
    kind: "invalid",
    sentence:
      "Limits of memory and CPU time hold in a process of its own, and {task} runs in the '{lane}' lane.",
    remedy: "Add 'lane': 'isolated' to the request, or leave the limits out.",
  },
  WORKER_ENDED: {
    kind: "task",
    sentence: "The worker that ran the task ended by itself: {reason}.",
    remedy:
      "Look for process.exit, memory use or native code in {source}; the isolated lane contains such tasks.",
  },
  PROCESS_ENDED: {
    kind: "task",
    sentence: "The process that ran the task ended by itself: {reason}.",
    remedy: "Look for process.exit or native code in {source}; the task's log has what it wrote before.",
  },
  MEMORY_LIMIT: {
    kind: "task",
    sentence: "The task used more memory than it may have: the limit is {limit_mb} MB.",
    remedy: "Raise memory_mb in the limits of the task, or let {source} keep less in memory at a time.",
  },
  CPU_LIMIT: {
    kind: "task",
    sentence: "The task used more than {limit_seconds} seconds of CPU time.",
    remedy: "Raise cpu_seconds in the limits of the task, or give it less to do.",
  },
  INTERRUPTED: {
    kind: "task",
    sentence: "The runtime ended while the task was {status}.",
    remedy: "POST /tasks/{id}/resume continues from its checkpoint, /restart runs it from the start.",
  },
  PARKED: {
    kind: "task",
    sentence:
      "The process died {crashes} times while the task was running, so it does not run again by itself.",
    remedy:
      "Look for what takes the process down in {source}: memory, native code, process.exit; the isolated lane contains it. POST /tasks/{id}/resume or /restart runs it again.",
  },
  TASK_TYPE_GONE: {
    kind: "conflict",
    sentence: "The task type '{task}' is no longer there.",
    remedy: "Put its file back (GET /plugins says what is wrong with it); the task goes on by itself.",
  },
  PARAMETERS_OUTDATED: {
    kind: "task",
    sentence: "The parameters no longer fit {task}, whose file has changed since.",
    remedy: "Submit a new task; GET /task-types/{task} has the new schema.",
  },
} as const satisfies Record<string, CatalogueEntry>;
