// Messages of Redis as the composition root has them: only where an owner names an address and channels.
import path from "node:path";
import type { TaskTypes } from "./engine/ports.ts";
import type { TaskManager } from "./engine/task-manager.ts";
import type { EventBus } from "./events/bus.ts";
import type { Clock } from "./lib/clock.ts";
import type { Logger } from "./lib/logger.ts";
import type { Messages } from "./outlets/redis/messages.ts";
import type { Settings } from "./settings/load.ts";
import { openDocument } from "./store/document.ts";
import type { Quarantine } from "./store/quarantine.ts";

export interface MessageParts {
  readonly settings: Settings;
  readonly clock: Clock;
  readonly log: Logger;
  readonly quarantine: Quarantine;
  readonly events: EventBus;
  readonly types: TaskTypes;
  readonly tasks: TaskManager;
}

/** Null where no messages are taken. @throws STORE_UNAVAILABLE */
export async function openMessages(parts: MessageParts): Promise<Messages | null> {
  const { settings, clock, log, quarantine, events, types, tasks } = parts;
  const { url, subscriptions } = settings.redis;
  if (subscriptions.length === 0) return null;
  if (url === null) {
    log.warn(
      { subscriptions: subscriptions.length },
      "settings/redis.json has no url: no messages are taken",
    );
    return null;
  }
  const [{ Messages }, { nothingOwed, owedSchema }] = await Promise.all([
    import("./outlets/redis/messages.ts"),
    import("./outlets/redis/owed.ts"),
  ]);
  const file = path.join(settings.directories.data, "redis-results.json");
  return Messages.open({
    clock,
    log,
    random: Math.random,
    settings: settings.redis,
    url,
    tasks,
    knows: (task) => (types.get(task) ?? types.get(`${task}_task`)) !== undefined,
    submit: (request, idempotency) => tasks.submit(request, idempotency),
    pending: () => tasks.counts.pending,
    subscribe: (listener) => events.subscribe(listener),
    document: await openDocument(file, owedSchema, nothingOwed, quarantine),
  });
}
