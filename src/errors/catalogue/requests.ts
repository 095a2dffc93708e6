// What was asked for cannot be read, is not there, or does not fit.
import type { CatalogueEntry } from "../entry.ts";

export const requests = {
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
} as const satisfies Record<string, CatalogueEntry>;
