// settings/firmware.json: every key with its default, unit and meaning. `restart` marks what only a new start takes up.
import { z } from "zod";

const restart = { restart: true } as const;

export const dialects = ["stage", "storycore"] as const;
export type Dialect = (typeof dialects)[number];

export const logLevels = ["debug", "info", "warn", "error", "silent"] as const;

export const hostSchema = z.string().trim().min(1);
export const portSchema = z.int().min(0).max(65_535);
export const profileSchema = z
  .string()
  .regex(
    /^[a-z0-9][a-z0-9_-]*$/,
    "Invalid input: expected the name of a file in settings/devices without .json",
  );
export const logLevelSchema = z.enum(logLevels);

const names = z.array(z.string().min(1));

const server = z.strictObject({
  host: hostSchema
    .default("127.0.0.1")
    .describe("Address to listen on. 127.0.0.1 is this machine only, 0.0.0.0 every network it is on.")
    .meta(restart),
  port: portSchema.default(8000).describe("TCP port; 0 picks a free one and prints it.").meta(restart),
  auth: z
    .enum(["token", "none"])
    .default("token")
    .describe(
      "Who may come in from other machines. token: whoever sends the token made on the first start. none: everybody. A server on loopback asks nobody.",
    )
    .meta(restart),
  allowed_hosts: names
    .default([])
    .describe("Names this server answers to besides its address and localhost, as in scanner.local."),
  allowed_origins: names
    .default([])
    .describe(
      "Origins of web pages that may write here, as in https://lab.example. Its own page always may.",
    ),
  max_body_bytes: z
    .int()
    .min(1024)
    .max(1024 ** 3)
    .default(1_048_576)
    .describe("Largest request body, in bytes."),
  max_body_depth: z
    .int()
    .min(1)
    .max(1000)
    .default(32)
    .describe("Deepest nesting of a request body, in levels."),
  max_connections: z
    .int()
    .min(1)
    .max(100_000)
    .default(1000)
    .describe("Connections open at the same time, WebSockets included.")
    .meta(restart),
  max_streams: z
    .int()
    .min(1)
    .max(100_000)
    .default(200)
    .describe("Clients that follow events at the same time, over WebSocket or event streams."),
  dialects: z
    .array(z.enum(dialects))
    .default([...dialects])
    .describe("Other systems whose routes this server offers besides its own; see docs/dialects.md.")
    .meta(restart),
});

const limits = z.strictObject({
  max_concurrent_tasks: z
    .int()
    .min(1)
    .max(1000)
    .default(3)
    .describe("Async tasks that run at the same time; paused ones keep their place."),
  blocking_workers: z
    .int()
    .min(1)
    .max(64)
    .default(4)
    .describe("Worker threads for blocking tasks; each adds about 40 MB of memory once it was needed."),
  warm_processes: z
    .int()
    .min(0)
    .max(1)
    .default(1)
    .describe(
      "Processes that wait for the next isolated task, once there was one: it starts at once, for about 100 MB of memory.",
    ),
  capacities: z
    .record(z.string().min(1), z.int().min(1).max(1000))
    .default({})
    .describe(
      'How many shared claims a name bears at the same time, as in { "gpu": 2 }; a name that is not here bears any number.',
    ),
  default_timeout_seconds: z
    .number()
    .positive()
    .nullable()
    .default(null)
    .describe("Running time allowed per attempt, in seconds, where the task says nothing; null is no limit."),
  cancel_grace_seconds: z
    .number()
    .min(0)
    .max(3600)
    .default(5)
    .describe("How long a cancelled task may clean up, in seconds, before its worker is ended."),
  stall_seconds: z
    .number()
    .positive()
    .max(1_000_000)
    .nullable()
    .default(300)
    .describe(
      "How long a running task may say nothing before it is reported as silent, in seconds; null is never.",
    ),
  loop_blocked_ms: z
    .int()
    .min(100)
    .max(600_000)
    .nullable()
    .default(1000)
    .describe(
      "From this delay of the event loop on it is reported as blocked, in milliseconds; null is never.",
    )
    .meta(restart),
  single_task_mode: z
    .boolean()
    .default(false)
    .describe("Refuse a new task (409 BUSY) while one is pending or running, instead of queueing it."),
  stage_single_task: z
    .boolean()
    .default(true)
    .describe(
      "The same for the five operations of the alignment stage, where they come over its own routes (POST /move/absolute and the like).",
    ),
});

const retention = z.strictObject({
  max_finished_tasks: z
    .int()
    .min(0)
    .max(1_000_000)
    .default(10_000)
    .describe("Ended tasks that are kept; the oldest go first."),
  max_finished_age_hours: z
    .number()
    .positive()
    .default(720)
    .describe("How long an ended task is kept, in hours; 720 is 30 days."),
  clear_history_on_shutdown: z.boolean().default(false).describe("Forget every ended task at shutdown."),
});

const devices = z.strictObject({
  when_claimed: z
    .enum(["queue", "refuse"])
    .default("queue")
    .describe(
      "What becomes of a task that names a device, such as a move, while another one claims it. queue: it waits its turn. refuse: 409 DEVICE_CLAIMED.",
    ),
});

export const firmwareSchema = z.strictObject({
  $schema: z.string().optional().describe("For editors; the runtime does not read it."),
  task_autodiscovery_enabled: z
    .boolean()
    .default(true)
    .describe("Look for task files. false registers the required core tasks alone.")
    .meta(restart),
  task_autodiscovery_folders: names
    .default(["tasks/core", "tasks/examples", "community-tasks"])
    .describe("Folders with task files, relative to the project; where two share a name the first wins.")
    .meta(restart),
  task_autodiscovery_include_subfolders: z
    .boolean()
    .default(true)
    .describe("Look into the folders' subfolders too.")
    .meta(restart),
  task_autodiscovery_ignore_modules: names
    .default([])
    .describe("Files that are left out: a file name, with or without its ending, or a path below a folder.")
    .meta(restart),
  task_autodiscovery_override_on_conflict: z
    .boolean()
    .default(false)
    .describe("Where two tasks share a name: false keeps the first, true takes the later one.")
    .meta(restart),
  required_core_tasks: names
    .nullable()
    .default(null)
    .describe(
      "Task names without which the runtime does not start; null is what the release ships in tasks/core.",
    )
    .meta(restart),
  community_tasks_dir: z
    .string()
    .min(1)
    .nullable()
    .default(null)
    .describe(
      "A further folder with task files, outside the project; null is /var/lib/armature/community-tasks.",
    )
    .meta(restart),
  trusted_task_files: z
    .union([z.boolean(), names])
    .default([])
    .describe(
      "Task files the runtime imports into its own process, besides those of the release: files, folders or patterns (*, **), relative to the project; true is all, false none. Others are imported and run in processes of their own.",
    ),
  task_inspection_timeout_seconds: z
    .number()
    .min(0.1)
    .max(600)
    .default(10)
    .describe("How long the import of a task file that is not trusted may take, in seconds."),
  task_inspection_memory_mb: z
    .int()
    .min(192)
    .max(65_536)
    .default(512)
    .describe("What a process that inspects task files may use of memory, in MB; it needs about 100 itself."),
  media_directories: names
    .default([])
    .describe("Folders besides data/ that tasks may read files from, such as photos to crop."),
  profile: profileSchema
    .default("simulated")
    .describe("Which machine this is: the name of a file in settings/devices, without .json."),
  pause_queue_after_interrupted_hardware: z
    .boolean()
    .default(true)
    .describe(
      "After a power cut: start nothing before somebody resumes the queue, where a task held devices that move.",
    )
    .meta(restart),
  log_level: logLevelSchema.default("info").describe("The least serious lines that are logged."),
  server: server.prefault({}).describe("Who can reach this machine, and how much it takes in."),
  limits: limits.prefault({}).describe("How much runs at the same time, and for how long."),
  devices: devices.prefault({}).describe("How tasks share the devices of the profile."),
  retention: retention.prefault({}).describe("How long ended tasks are kept."),
});

export type Firmware = z.output<typeof firmwareSchema>;
/** What is written: every key may be left out. */
export type FirmwareInput = z.input<typeof firmwareSchema>;
