// Every error a user can meet: code -> kind, sentence, remedy. docs/errors.md has one section for each (a test says so).

/** What sort of failure it is; only the API maps kinds to HTTP. */
export type ErrorKind =
  | "invalid" // the request can never succeed as it is
  | "not_found"
  | "conflict" // not in this state, perhaps in another
  | "too_large"
  | "malformed" // could not even be read
  | "forbidden"
  | "unauthorized"
  | "unsupported"
  | "unavailable" // try again later
  | "task" // a task's own failure, never an HTTP status
  | "broken"; // our fault, or the machine's

export interface CatalogueEntry {
  readonly kind: ErrorKind;
  readonly sentence: string;
  readonly remedy: string;
}

/** `{word}` in a sentence or remedy is filled from the error's details. */
export const catalogue = {
  // What was asked for
  UNKNOWN_TASK_TYPE: {
    kind: "not_found",
    sentence: "There is no task type '{task}'.{reason}",
    remedy:
      "{hint}GET /task-types lists what this machine can do, GET /plugins says why a file was not taken.",
  },
  UNKNOWN_TASK: {
    kind: "not_found",
    sentence: "There is no task with the id '{id}'.",
    remedy: "GET /tasks lists the tasks that are kept; ended ones are removed after their retention.",
  },
  NOT_A_STAGE_OPERATION: {
    kind: "not_found",
    sentence: "Task {id} is a {task}, none of the operations of the alignment stage.",
    remedy: "GET /tasks/{id} shows it, POST /tasks/{id}/cancel stops it.",
  },
  UNKNOWN_SCHEDULE: {
    kind: "not_found",
    sentence: "There is no schedule with the id '{id}'.",
    remedy: "GET /schedules lists the schedules there are.",
  },
  UNKNOWN_ROUTE: {
    kind: "not_found",
    sentence: "There is nothing at {method} {path}.",
    remedy: "{hint}GET /docs shows every route.",
  },
  METHOD_NOT_ALLOWED: {
    kind: "invalid",
    sentence: "{path} does not take {method}.",
    remedy: "It takes {allowed}; GET /docs shows every route.",
  },
  WEBSOCKET_EXPECTED: {
    kind: "malformed",
    sentence: "{path} is for WebSocket connections.",
    remedy: "Connect with ws:// or wss://; GET /events has the same events over plain HTTP.",
  },
  UNKNOWN_DEVICE: {
    kind: "not_found",
    sentence: "There is no device '{device}'.",
    remedy: "{hint}GET /devices lists the devices of the profile.",
  },
  INVALID_PARAMETERS: {
    kind: "invalid",
    sentence: "The parameters do not fit {task}.",
    remedy: "Mend the fields named under 'errors'; GET /task-types/{task} has the schema.",
  },
  INVALID_REQUEST: {
    kind: "invalid",
    sentence: "The request does not fit this route.",
    remedy: "Mend the fields named under 'errors'; GET /docs shows what this route takes.",
  },
  INVALID_SETTINGS: {
    kind: "invalid",
    sentence: "The settings are not valid: {problem}",
    remedy: "Mend the key named there; settings/schemas holds a JSON Schema your editor can read.",
  },
  WEBHOOK_REFUSED: {
    kind: "invalid",
    sentence: "Nothing is sent to {url}: it {problem}.",
    remedy:
      "Give an address of the open internet; an owner may set allow_private in settings/webhooks.json for others.",
  },
  MALFORMED_JSON: {
    kind: "malformed",
    sentence: "The body is not JSON: {problem}",
    remedy: "Send one JSON object, UTF-8, with Content-Type application/json.",
  },
  BODY_TOO_DEEP: {
    kind: "malformed",
    sentence: "The body is nested deeper than {limit} levels.",
    remedy: "Send flatter JSON.",
  },
  BODY_TOO_LARGE: {
    kind: "too_large",
    sentence: "The body is larger than {limit_bytes} bytes.",
    remedy: "Put large data into a file and send its path, or raise server.max_body_bytes in the settings.",
  },
  UNSUPPORTED_MEDIA_TYPE: {
    kind: "unsupported",
    sentence: "The body's Content-Type is '{found}', not application/json.",
    remedy: "Send JSON with Content-Type application/json.",
  },
  WRONG_STATE: {
    kind: "conflict",
    sentence: "A task that is {status} cannot {verb}.",
    remedy: "This works while a task is one of: {allowed}.{hint}",
  },
  NO_QUESTION: {
    kind: "conflict",
    sentence: "Task {id} is {status} and asks nothing.",
    remedy: "GET /tasks/{id} shows the question while one is open; the first answer counts.",
  },
  QUESTION_OPEN: {
    kind: "conflict",
    sentence: "Task {id} waits for an answer to its question.",
    remedy: "POST /tasks/{id}/answer answers it, POST /tasks/{id}/cancel gives it up.",
  },
  INVALID_ANSWER: {
    kind: "invalid",
    sentence: "The answer does not fit what task {id} asks for.",
    remedy: "`errors` names each place; the record's question.schema says what is expected.",
  },
  NO_CHECKPOINT: {
    kind: "conflict",
    sentence: "The task has no checkpoint to continue from.",
    remedy: "POST /tasks/{id}/restart runs it again from the start.",
  },
  CHECKPOINT_OUTDATED: {
    kind: "conflict",
    sentence: "The checkpoint was written by other code: {task} has changed since.",
    remedy: "POST /tasks/{id}/restart runs it again from the start.",
  },
  IDEMPOTENCY_CONFLICT: {
    kind: "conflict",
    sentence: "The Idempotency-Key '{key}' was used for another body.",
    remedy: "Use a new key for a new request; repeat the same body to get the first task.",
  },
  BUSY: {
    kind: "conflict",
    sentence: "The machine does one task at a time, and one is {status}.",
    remedy: "Wait for task {task_id}, cancel it, or set {setting} to false.",
  },
  TASK_NEEDED: {
    kind: "conflict",
    sentence: "The task cannot be removed: others that have not ended depend on it.",
    remedy: "Wait until those named under 'dependants' have ended, or cancel them first.",
  },
  UNKNOWN_DEPENDENCY: {
    kind: "invalid",
    sentence: "There is no task '{id}' to depend on.",
    remedy:
      "Give the id of a task that is kept (GET /tasks lists them); in POST /tasks/batch the key of another task does as well.",
  },
  DEPENDENCY_CYCLE: {
    kind: "invalid",
    sentence: "These tasks wait for each other: {cycle}.",
    remedy: "Take one of these dependencies out; nothing was submitted.",
  },
  UNKNOWN_GROUP: {
    kind: "not_found",
    sentence: "There is no group '{group}'.",
    remedy: "A group is there as long as one of its tasks is kept.",
  },
  // Who may ask
  TOKEN_REQUIRED: {
    kind: "unauthorized",
    sentence: "This server wants a token.",
    remedy: "Send 'Authorization: Bearer <token>'; the token is in the file named at the start.",
  },
  ORIGIN_REFUSED: {
    kind: "forbidden",
    sentence: "Pages from '{origin}' may not write here.",
    remedy: "Add the origin to server.allowed_origins in the settings if you trust it.",
  },
  HOST_REFUSED: {
    kind: "forbidden",
    sentence: "This server does not answer to the name '{host}'.",
    remedy: "Add the name to server.allowed_hosts in the settings if it is yours.",
  },
  PATH_REFUSED: {
    kind: "invalid",
    sentence: "The path '{path}' is not below the data directory or a media directory.",
    remedy: "Give a path relative to one of: {directories}; more can be listed in media_directories.",
  },
  FILE_NOT_FOUND: {
    kind: "not_found",
    sentence: "There is no file '{path}'.",
    remedy: "Paths are relative to one of: {directories}.",
  },
  // What a task can end with
  TASK_FAILED: {
    kind: "task",
    sentence: "{message}",
    remedy: "The task itself failed; its source is {source}.",
  },
  RESULT_NOT_SERIALIZABLE: {
    kind: "task",
    sentence: "JSON cannot carry what the task returned: {path} is {found}.",
    remedy:
      "Return plain objects, arrays, finite numbers, strings, booleans or null; save binary data with ctx.artifact.",
  },
  RESULT_TOO_LARGE: {
    kind: "task",
    sentence: "The result has {bytes} bytes, the limit is {limit_bytes}.",
    remedy: "Write large results to a file and return its path, or register it with ctx.artifact.",
  },
  CHECKPOINT_NOT_SERIALIZABLE: {
    kind: "task",
    sentence: "JSON cannot carry the checkpoint: {path} is {found}.",
    remedy: "Keep checkpoints to plain data: the step number is often enough.",
  },
  TIMEOUT: {
    kind: "task",
    sentence: "Operation exceeded timeout of {timeout_seconds} seconds",
    remedy: "Try breaking the operation into smaller chunks or increase timeout",
  },
  QUESTION_EXPIRED: {
    kind: "task",
    sentence: "Nobody answered within {timeout_seconds} s: {prompt}",
    remedy: "Answer in time with POST /tasks/<id>/answer, or give the question a default.",
  },
  DEPENDENCY_FAILED: {
    kind: "task",
    sentence: "What the task depends on did not succeed: {reason}.",
    remedy:
      "Restart that first, then this task; on_dependency_failure says what happens instead of a cancel.",
  },
  DEPENDENCY_RESULT_LOST: {
    kind: "task",
    sentence: "The result of task {id}, on which this one depends, cannot be read: {problem}",
    remedy: "Run that task again, and submit this one with its new id.",
  },
  DEADLINE_EXCEEDED: {
    kind: "task",
    sentence: "A step of the task took longer than {seconds} seconds.",
    remedy: "Check the device it waited for; give ctx.deadline more seconds if the step may take longer.",
  },
  CALL_NOT_SERIALIZABLE: {
    kind: "task",
    sentence: "JSON cannot carry what the task asks of the runtime: {path} is {found}.",
    remedy: "Hand over plain values: numbers, texts, lists and objects of these.",
  },
  WOULD_DEADLOCK: {
    kind: "task",
    sentence: "The wait for task {id} would never end: {reason}.",
    remedy:
      "Submit what has to be waited for from this task, so that it runs beneath it, or wait for tasks that need nothing this one holds.",
  },
  CHILDREN_TOO_DEEP: {
    kind: "task",
    sentence: "Tasks submit tasks only {limit} levels deep.",
    remedy: "Look for a task that submits itself.",
  },
  PARENT_ENDED: {
    kind: "task",
    sentence: "The task that submitted this one, {parent}, has ended or is being stopped.",
    remedy: "POST /tasks/{id}/restart runs it by itself; let the parent wait for its children.",
  },
  CALL_ABANDONED: {
    kind: "task",
    sentence: "Nobody answers the task's call '{call}' any more: it is being stopped, or has ended.",
    remedy: "Let the task return; its clean-up needs no answer.",
  },
  FUNCTION_GONE: {
    kind: "task",
    sentence: "The function {function} lived in a process that has ended; it cannot be run again.",
    remedy: "Submit it anew, or make it a task of a file, which a later process finds again.",
  },
  INVALID_TASK_CLASS: {
    kind: "invalid",
    sentence: "{name} cannot be registered as a task: {reason}.",
    remedy: "{hint}",
  },
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
  // Devices
  DEVICE_TIMEOUT: {
    kind: "unavailable",
    sentence: "{device} did not answer within {timeout_seconds} seconds.",
    remedy: "Check its cable and power; GET /devices/{device} shows its state.",
  },
  DEVICE_FAILED: {
    kind: "unavailable",
    sentence: "{device} failed: {problem}",
    remedy: "{remedy} GET /devices/{device} shows its state; armature doctor checks all of them.",
  },
  DEVICE_BUSY: {
    kind: "conflict",
    sentence: "{device} is already doing something: {doing}.",
    remedy: "Wait for it or stop it first.",
  },
  DEVICE_CLAIMED: {
    kind: "conflict",
    sentence: "{device} is claimed by {claimant}.",
    remedy: "Wait until that has ended, or cancel it.{hint}",
  },
  OUT_OF_LIMITS: {
    kind: "invalid",
    sentence: "{device} cannot go to {target}: its limits are {limits}.",
    remedy: "Choose a target inside the limits; nothing has moved.",
  },
  NOT_HOMED: {
    kind: "conflict",
    sentence: "{device} does not know where it stands, and moves nowhere before it is homed.",
    remedy: "Home it, when its way is free.",
  },
  LIMIT_HIT: {
    kind: "conflict",
    sentence: "{device} ran into its end switch at {position}.",
    remedy: "Home it, so that it knows again where it stands; then check its limits in the device profile.",
  },
  STOPPED: {
    kind: "conflict",
    sentence: "{device} was stopped and refuses to move.",
    remedy:
      "After an emergency stop release it (POST /queue/resume) once it is safe; where it was stopped alone, submit the task again.",
  },
  DEVICE_LACKS: {
    kind: "invalid",
    sentence: "{device} cannot {capability}.",
    remedy: "GET /devices/{device} lists what it can do.",
  },
  NO_SIGNAL: {
    kind: "task",
    sentence:
      "No light was found: the most was {best_power_uw} µW, where the noise is {noise_uw} µW. Searched: {searched}.",
    remedy:
      "Check that the light is on and reaches the power meter; bring the axes nearer by hand, or search a wider range.",
  },
  NO_FOCUS: {
    kind: "task",
    sentence:
      "No focus was found: the sharpest photo is no sharper than the others ({sharpest} against {least}). Searched: {searched}.",
    remedy:
      "Check that there is light and something to see under the lens; bring the focus nearer by hand, or search a wider range.",
  },
  // The cloud
  CLOUD_NOT_CONFIGURED: {
    kind: "conflict",
    sentence: "There is no cloud to send to: settings/cloud.json lacks {missing}.",
    remedy:
      "Set host and token there (the token may be in ARMATURE_CLOUD_TOKEN), and start again; docs/cloud.md shows how.",
  },
  CLOUD_UNREACHABLE: {
    kind: "unavailable",
    sentence: "{action} at {host} failed {attempts} times: {problem}",
    remedy:
      "Check the network and the host in settings/cloud.json (armature doctor asks it); then submit the task again.",
  },
  CLOUD_REFUSED: {
    kind: "task",
    sentence: "{host} refused {action} with the status {status}.",
    remedy:
      "With 401 or 403 check user, password and token in settings/cloud.json; with others ask who runs the cloud.",
  },
  CLOUD_ANSWER_UNUSABLE: {
    kind: "task",
    sentence: "What {host} answered to {action} cannot be used: {problem}",
    remedy:
      "Check that host in settings/cloud.json is the cloud's, and that it speaks the version this one knows.",
  },
  CLOUD_LINK_REFUSED: {
    kind: "task",
    sentence: "The cloud's link to {host} is not followed: {problem}.",
    remedy:
      "If it leads into your own network and you trust the cloud with it, set allow_private in settings/cloud.json.",
  },
  CLOUD_MODEL_REFUSED: {
    kind: "task",
    sentence: "The archive with the model is not unpacked: {problem}.",
    remedy:
      "Download it again; if it stays so, look at it by hand. Limits are in settings/cloud.json: max_model_bytes, max_model_files.",
  },
  CLOUD_NOT_READY: {
    kind: "task",
    sentence: "The cloud has no model of {remote_name} yet; it was asked {tries} times.",
    remedy:
      "Restart the task later; link_tries and link_interval_seconds in settings/cloud.json say how long it waits.",
  },
  NOT_UPLOADED: {
    kind: "conflict",
    sentence: "The project {project} was not uploaded.",
    remedy: "Run cloud_upload_task first, or give the name it has in the cloud as remote_name.",
  },
  NO_PHOTOS: {
    kind: "invalid",
    sentence: "The project {project} has no JPEG photos to send (scans: {scans}).",
    remedy: "Scan first, or name other scans; GET /tasks/{id} of a scan_task says where its photos are.",
  },
  // The machine under us
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

export type ErrorCode = keyof typeof catalogue;
