// settings/redis.json: the Redis this machine may use. Nothing connects where there is no address. Every key is taken up by
// a new start.
import { z } from "zod";
import { withoutPasswords } from "../lib/without-passwords.ts";
import { invalidSettings, parseStrictly } from "./strict.ts";

const restart = { restart: true } as const;

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
});

export type RedisSettings = z.output<typeof redisSchema>;

/** @param where the file's name @throws INVALID_SETTINGS naming every problem, never a password */
export function redisFrom(written: unknown, where: string): RedisSettings {
  const redis = parseStrictly(redisSchema, written ?? {}, where);
  const problem = redis.url === null ? null : problemOfRedisUrl(redis.url);
  if (problem !== null) throw invalidSettings(where, [{ path: "url", message: problem }]);
  return redis;
}

const expected = "expected redis://host:port/database or rediss://host:port/database";

/** What is wrong with an address, without its password; null where nothing is. */
export function problemOfRedisUrl(text: string): string | null {
  if (!URL.canParse(text))
    return `${expected}, found ${withoutPasswords(text)}; characters like / or # in a password are written %2F, %23`;
  const { protocol, username, password, hostname, pathname, search, hash } = new URL(text);
  const found = `found ${shownRedisUrl(text)}`;
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
