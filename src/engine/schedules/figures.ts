// What came of the times that fell due, since the start: counted from what is told of them.
import type { EventInput } from "../../events/catalogue.ts";

export interface ScheduleFigures {
  /** Tasks submitted. */
  readonly fired: number;
  /** Times that brought no task. */
  readonly missed: number;
  /** Refusals that were told. */
  readonly failed: number;
}

export class Figures implements ScheduleFigures {
  fired = 0;
  missed = 0;
  failed = 0;

  count({ type, count }: EventInput): void {
    if (type === "schedule_fired") this.fired++;
    if (type === "schedule_missed") this.missed += Number(count);
    if (type === "schedule_failed") this.failed++;
  }
}
