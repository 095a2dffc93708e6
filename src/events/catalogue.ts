// Everything that can happen, and what each event adds. docs/events.md is held against this table by a test.

export const eventTypes = {
  task_scheduled: ["name", "action", "task"],
  task_started: ["attempt"],
  task_progress: ["progress"],
  task_pausing: ["stops_after_step"],
  task_paused: [],
  task_resumed: [],
  task_question: ["question"],
  task_cancelling: ["reason"],
  task_retrying: ["error", "not_before"],
  task_completed: ["result"],
  task_failed: ["error", "failure"],
  task_cancelled: [],
  task_interrupted: [],
  task_stuck: ["since"],
  task_silent: ["since"],
  task_heard: ["silent_seconds"],
  task_removed: [],
  queue_changed: ["paused", "paused_because"],
  loop_blocked: ["blocked_ms", "running", "where"],
  schedule_changed: ["schedule_id", "change", "next_run_at"],
  schedule_fired: ["schedule_id", "due_at"],
  schedule_missed: ["schedule_id", "due_at", "count", "because"],
  schedule_failed: ["schedule_id", "due_at", "failure", "will_retry"],
  webhook_dead: ["url", "event", "event_id", "attempts", "problem"],
  plugin_changed: ["plugin"],
  device_changed: ["device", "changed"],
} as const satisfies Record<string, readonly string[]>;

export type EventType = keyof typeof eventTypes;

/** What is published: the log adds `seq` and `timestamp`. */
export interface EventInput {
  readonly type: EventType;
  readonly task_id: string | null;
  readonly [field: string]: unknown;
}

export interface NumberedEvent extends EventInput {
  /** Grows by one; never repeats, not even across a restart. */
  readonly seq: number;
  readonly timestamp: string;
}
