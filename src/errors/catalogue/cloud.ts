// The cloud.
import type { CatalogueEntry } from "../entry.ts";

export const cloud = {
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
} as const satisfies Record<string, CatalogueEntry>;
