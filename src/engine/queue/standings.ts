// Where those who wait stand: their place, what each waits for, and which tasks would have to end first. Changes nothing.
import { isoTime } from "../../lib/clock.ts";
import type { Blocker } from "../../task/record.ts";
import type { Limits, QueuePause } from "../ports.ts";
import { type Obstacle, obstaclesTo } from "./admission.ts";
import { taskOf } from "./claimants.ts";
import type { Holds } from "./holds.ts";
import type { Line } from "./lines.ts";
import { blockersOf } from "./pauses.ts";
import type { Queue } from "./queue.ts";
import { Sight } from "./sight.ts";
import type { Waiting } from "./turn.ts";

export interface StandingsDeps {
  readonly holds: Holds;
  readonly queue: Queue;
  readonly limits: () => Limits;
  /** Why nothing starts, or null. */
  readonly pause: () => QueuePause | null;
}

export class Standings {
  readonly #deps: StandingsDeps;

  constructor(deps: StandingsDeps) {
    this.#deps = deps;
  }

  /** Why it waits, and its place in the queue; null where it does not wait. */
  of(id: string): { blockedBy: Blocker[]; position: number } | null {
    const { queue } = this.#deps;
    const member = queue.get(id);
    if (!member) return null;
    const { ticket, line } = member;
    return { blockedBy: this.#blockersOf(ticket, line), position: queue.positionOf(ticket) };
  }

  /** The tasks that have to end before this one can start: of each group one. */
  waitsFor(id: string): string[][] {
    const { ticket, line } = this.#deps.queue.get(id) ?? {};
    if (!ticket || !line) return [];
    const sight = this.#sightOf(ticket, line);
    return obstaclesTo(line.needs, sight, this.#deps.limits()).flatMap((obstacle) =>
      sight.groups(obstacle, line.needs),
    );
  }

  #blockersOf(ticket: Waiting, line: Line | null): Blocker[] {
    const blocker = ({ because, resource }: Obstacle, taskId: string | null, since: number): Blocker => ({
      because,
      task_id: taskId,
      resource,
      since: isoTime(Math.max(ticket.since, since)),
    });
    if (line === null) return [blocker({ because: "TASK_TYPE_GONE", resource: null }, null, 0)];
    const pause = this.#deps.pause();
    if (pause) return blockersOf(pause, ticket.since);
    const sight = this.#sightOf(ticket, line);
    return obstaclesTo(line.needs, sight, this.#deps.limits()).flatMap((obstacle) => {
      const culprits = sight.culprits(obstacle, line.needs);
      if (culprits.length === 0) return blocker(obstacle, null, 0);
      return culprits.map(({ id, since }) => blocker(obstacle, taskOf(id), since));
    });
  }

  #sightOf(ticket: Waiting, { parent }: Line): Sight {
    return new Sight(this.#deps.holds, this.#deps.queue.reservations, ticket, parent);
  }
}
