// What a transfer needs of the world.
import type { Clock } from "../../lib/clock.ts";
import type { CloudSettings } from "../../settings/cloud.ts";
import type { ProjectCloud } from "../../task/services.ts";
import type { CloudPlaces } from "./places.ts";
import type { FreeBytes } from "./room.ts";

export interface CloudParts {
  readonly settings: CloudSettings;
  readonly clock: Clock;
  /** Absolute. */
  readonly dataDirectory: string;
  readonly places: CloudPlaces;
  readonly projects: {
    /** Null for a project that was never there. */
    cloudOf(project: string): Promise<ProjectCloud | null>;
    noteCloud(project: string, change: Partial<ProjectCloud>): Promise<void>;
  };
  readonly freeBytes: FreeBytes;
}
