// What the environment sets: it wins over the files. Messages name the variable, not the key.
import path from "node:path";
import type { z } from "zod";
import { nearest } from "../lib/nearest.ts";
import type { CloudSecrets } from "./cloud.ts";
import { hostSchema, logLevelSchema, portSchema, profileSchema } from "./firmware.ts";
import { problemOfRedisUrl } from "./redis.ts";
import { check, didYouMean, invalidSettings, type SettingsIssue } from "./strict.ts";

export type Environment = Readonly<Record<string, string | undefined>>;

const keyVariables: Readonly<Record<string, { key: string; schema: z.ZodType; number?: boolean }>> = {
  ARMATURE_HOST: { key: "server.host", schema: hostSchema },
  ARMATURE_PORT: { key: "server.port", schema: portSchema, number: true },
  ARMATURE_PROFILE: { key: "profile", schema: profileSchema },
  ARMATURE_LOG_LEVEL: { key: "log_level", schema: logLevelSchema },
};
/** Of several the first that is set counts; OpenScan3's own comes last. */
const directoryVariables = {
  settings: ["ARMATURE_SETTINGS_DIR"],
  data: ["ARMATURE_DATA_DIR"],
  externalTasks: ["ARMATURE_COMMUNITY_TASKS_DIR", "OPENSCAN_COMMUNITY_TASKS_DIR"],
} as const;
const tokenVariable = "ARMATURE_TOKEN";
const webhookSecretVariable = "ARMATURE_WEBHOOK_SECRET";
const redisVariable = "ARMATURE_REDIS_URL";
const cloudVariables = { token: "ARMATURE_CLOUD_TOKEN", password: "ARMATURE_CLOUD_PASSWORD" } as const;

export interface EnvironmentSettings {
  /** By dotted key. */
  readonly values: Readonly<Record<string, unknown>>;
  /** Absolute. */
  readonly directories: Readonly<Partial<Record<keyof typeof directoryVariables, string>>>;
  readonly token: string | null;
  readonly webhookSecret: string | null;
  readonly redisUrl: string | null;
  readonly cloud: CloudSecrets;
}

/** An empty variable counts as absent. @throws INVALID_SETTINGS naming every variable that is wrong */
export function readEnvironment(env: Environment): EnvironmentSettings {
  const problems: SettingsIssue[] = [];
  const values: Record<string, unknown> = {};
  for (const [name, { key, schema, number }] of Object.entries(keyVariables)) {
    const text = env[name];
    if (!text) continue;
    const value = number && /^\d+$/.test(text) ? Number(text) : text;
    const checked = check(schema, value);
    if (checked.issues) problems.push(...checked.issues.map((issue) => ({ ...issue, path: name })));
    else values[key] = checked.data;
  }
  const token = env[tokenVariable] || null;
  if (token !== null && !/^[\w!#$%&'*+.^`|~-]+$/.test(token))
    problems.push({
      path: tokenVariable,
      message: "expected letters, digits and -._~ only: it travels in HTTP headers",
    });
  const webhookSecret = env[webhookSecretVariable] || null;
  if (webhookSecret !== null && webhookSecret.length < 16)
    problems.push({ path: webhookSecretVariable, message: "expected at least 16 characters" });
  const redisUrl = env[redisVariable] || null;
  const problemOfRedis = redisUrl === null ? null : problemOfRedisUrl(redisUrl);
  if (problemOfRedis !== null) problems.push({ path: redisVariable, message: problemOfRedis });
  if (problems.length > 0) throw invalidSettings("the environment", problems);
  const { token: cloudToken, password } = cloudVariables;
  const cloud = { token: env[cloudToken] || null, password: env[password] || null };
  return { values, directories: directoriesOf(env), token, webhookSecret, redisUrl, cloud };
}

/** Variables that look like ours and are not: most likely typos. */
export function unknownVariables(env: Environment): { name: string; hint: string }[] {
  const known = [
    ...Object.keys(keyVariables),
    ...Object.values(directoryVariables).flat(),
    tokenVariable,
    webhookSecretVariable,
    redisVariable,
    ...Object.values(cloudVariables),
  ];
  return Object.keys(env)
    .filter((name) => name.startsWith("ARMATURE_") && !known.includes(name))
    .map((name) => ({ name, hint: didYouMean(nearest(name, known, 1)) }));
}

function directoriesOf(env: Environment): EnvironmentSettings["directories"] {
  const set = Object.entries(directoryVariables).flatMap(([directory, names]) => {
    const text = names.map((name) => env[name]).find(Boolean);
    return text ? [[directory, path.resolve(text)]] : [];
  });
  return Object.fromEntries(set);
}
