// Webhooks as the composition root has them: opened at the start where an owner names receivers or something waits to be
// sent, else with the first task that brings one.
import { existsSync } from "node:fs";
import path from "node:path";
import type { Outlet } from "./engine/ports.ts";
import type { TaskManager } from "./engine/task-manager.ts";
import { RuntimeError, sentenceOf } from "./errors/runtime-error.ts";
import type { EventBus } from "./events/bus.ts";
import type { Clock } from "./lib/clock.ts";
import { Lazy } from "./lib/lazy.ts";
import type { Logger } from "./lib/logger.ts";
import { problemOfUrl } from "./lib/public-address.ts";
import type { WebhookFigures, Webhooks } from "./outlets/webhooks.ts";
import type { Settings } from "./settings/load.ts";
import { webhookSecretOf } from "./settings/token.ts";
import { openDocument } from "./store/document.ts";
import type { Quarantine } from "./store/quarantine.ts";
import { version } from "./version.ts";

export interface WebhookParts {
  readonly settings: Settings;
  readonly clock: Clock;
  readonly log: Logger;
  readonly quarantine: Quarantine;
  readonly events: EventBus;
  /** Not there yet when the outlet is made: it is a part of theirs. */
  readonly tasks: () => TaskManager;
}

export interface WebhookOutlet extends Outlet {
  /** What an owner should look at, or null. */
  readonly problem: string | null;
  /** Null where nobody was ever to be told. */
  readonly figures: WebhookFigures | null;
  close(): Promise<void>;
  /** Somebody is to be told from the start. */
  readonly isNeeded: boolean;
}

/** Undefined where this runtime sends none. */
export function webhookOutlet(parts: WebhookParts): WebhookOutlet | undefined {
  const { settings, clock, log, quarantine, events, tasks } = parts;
  const { webhooks, directories } = settings;
  if (webhooks === null) return undefined;
  const file = path.join(directories.data, "webhooks.json");
  const lazy = new Lazy<Webhooks>(async () => {
    const { Webhooks } = await import("./outlets/webhooks.ts");
    const { noneWaiting, waitingSchema } = await import("./outlets/waiting.ts");
    return Webhooks.open({
      clock,
      log,
      random: Math.random,
      settings: webhooks,
      secret: await secretOf(settings),
      version: await version(),
      tasks: tasks(),
      subscribe: (listener) => events.subscribe(listener),
      publish: (event) => events.publish(event),
      document: await openDocument(file, waitingSchema, noneWaiting, quarantine),
    });
  });
  return {
    problemOf: (url) => problemOfUrl(url, webhooks.allow_private),
    open: () => lazy.get(),
    get problem() {
      return lazy.value?.problem ?? null;
    },
    get figures() {
      return lazy.value?.figures ?? null;
    },
    close: async () => (await lazy.ifMade)?.close(),
    isNeeded: webhooks.hooks.length > 0 || existsSync(file),
  };
}

async function secretOf(settings: Settings): Promise<string> {
  try {
    return await webhookSecretOf(settings);
  } catch (error) {
    throw new RuntimeError("STORE_UNAVAILABLE", { problem: sentenceOf(error) }, { cause: error });
  }
}
