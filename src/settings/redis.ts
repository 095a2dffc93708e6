// settings/redis.json: the Redis this machine may use, and the channels whose messages become tasks. Nothing connects where
// there is no address. Every key is taken up by a new start.
import { z } from "zod";
import { withoutPasswords } from "../lib/without-passwords.ts";
import { invalidSettings, parseStrictly, type SettingsIssue } from "./strict.ts";

const restart = { restart: true } as const;

const channel = z.string().min(1).max(512);

const subscriptionSchema = z.strictObject({
  channel: channel.describe("What is published there becomes tasks."),
  task: z.string().min(1).describe("Their type, with or without `_task`."),
  results_channel: channel
    .nullable()
    .default(null)
    .describe("Where their ends are published, and what was refused; null is nowhere."),
});

export const redisSchema = z.strictObject({
  $schema: z.string().optional().describe("For editors; the runtime does not read it.").meta(restart),
  url: z
    .string()
    .nullable()
    .default(null)
    .describe(
      "Where Redis is, as in redis://name:password@localhost:6379/0, or rediss:// for TLS; null: it is not used.",
    )
    .meta(restart),
  subscriptions: z
    .array(subscriptionSchema)
    .max(100)
    .default([])
    .describe("Channels whose messages become tasks.")
    .meta(restart),
  max_pending: z
    .int()
    .min(1)
    .max(1_000_000)
    .default(1000)
    .describe("Messages are refused while so many tasks are pending, wherever they came from.")
    .meta(restart),
  fleet_lease_seconds: z
    .number()
    .min(1)
    .max(3600)
    .default(15)
    .describe(
      "How long a worker of the fleet may be silent before it counts as lost and its tasks fail with WORKER_LOST.",
    )
    .meta(restart),
});

export type RedisSettings = z.output<typeof redisSchema>;
export type Subscription = RedisSettings["subscriptions"][number];

/** @param where the file's name @throws INVALID_SETTINGS naming every problem, never a password */
export function redisFrom(written: unknown, where: string): RedisSettings {
  const redis = parseStrictly(redisSchema, written ?? {}, where);
  const problem = redis.url === null ? null : problemOfRedisUrl(redis.url);
  const errors = [
    ...(problem === null ? [] : [{ path: "url", message: problem }]),
    ...problemsOfChannels(redis.subscriptions),
  ];
  if (errors.length > 0) throw invalidSettings(where, errors);
  return redis;
}

/** A message is one task, and a result is no message: it would go round for ever. */
function problemsOfChannels(subscriptions: readonly Subscription[]): SettingsIssue[] {
  const channels = subscriptions.map(({ channel }) => channel);
  return subscriptions.flatMap(({ channel, results_channel }, index) => {
    const problems: SettingsIssue[] = [];
    const at = `subscriptions[${index}]`;
    if (channels.indexOf(channel) < index)
      problems.push({
        path: `${at}.channel`,
        message: `'${channel}' has a subscription already`,
        found: channel,
      });
    if (results_channel !== null && channels.includes(results_channel)) {
      const message = `messages are taken from '${results_channel}': results would come back as messages`;
      problems.push({ path: `${at}.results_channel`, message, found: results_channel });
    }
    return problems;
  });
}

const expected = "expected redis://host:port/database or rediss://host:port/database";

/** What is wrong with an address, without its password; null where nothing is. */
export function problemOfRedisUrl(text: string): string | null {
  if (!URL.canParse(text))
    return `${expected}, found ${withoutPasswords(text)}; characters like / or # in a password are written %2F, %23`;
  const { protocol, username, password, hostname, pathname, search, hash } = new URL(text);
  // Without // it has no host to be shown apart from a password.
  const found = text.includes("://") ? `found ${shownRedisUrl(text)}` : "found no // behind its first colon";
  if (!["redis:", "rediss:"].includes(protocol) || hostname === "") return `${expected}, ${found}`;
  if (!/^(\/\d*)?$/.test(pathname)) return `expected the number of a database behind the host, ${found}`;
  if (search !== "" || hash !== "")
    return "expected nothing behind the database; characters like ? or # in a password are written %3F, %23";
  if (![username, password].every(isDecodable))
    return "expected name and password percent-encoded: a % is written %25";
  return null;
}

/** The address as it may be read by everybody: in logs, checks and errors. */
export function shownRedisUrl(url: string): string {
  const { protocol, host, pathname } = new URL(url);
  return `${protocol}//${host}${pathname}`;
}

function isDecodable(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}
