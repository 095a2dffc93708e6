// Who may ask, and for which files.
import type { CatalogueEntry } from "../entry.ts";

export const access = {
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
} as const satisfies Record<string, CatalogueEntry>;
