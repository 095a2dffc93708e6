// settings/cloud.json: the service that makes models of photos, and who we are to it. Every key is taken up by a new start.
import { z } from "zod";
import { problemOfUrl } from "../lib/public-address.ts";
import { invalidSettings, parseStrictly } from "./strict.ts";

const restart = { restart: true } as const;
const secret = { ...restart, secret: true } as const;

export const cloudSchema = z.strictObject({
  $schema: z.string().optional().describe("For editors; the runtime does not read it.").meta(restart),
  host: z
    .string()
    .max(2048)
    .nullable()
    .default(null)
    .describe(
      "Where the cloud is, as in https://cloud.example:1334; null is nowhere. May be inside your network.",
    )
    .meta(restart),
  token: z
    .string()
    .min(1)
    .max(1000)
    .nullable()
    .default(null)
    .describe("Whose models these are; null is the one in ARMATURE_CLOUD_TOKEN.")
    .meta(secret),
  user: z
    .string()
    .min(1)
    .max(1000)
    .regex(/^[^:]*$/, "expected a name without a colon")
    .nullable()
    .default(null)
    .describe("Name for HTTP basic authentication; null sends none.")
    .meta(restart),
  password: z
    .string()
    .min(1)
    .max(1000)
    .nullable()
    .default(null)
    .describe("Password for it; null is the one in ARMATURE_CLOUD_PASSWORD.")
    .meta(secret),
  allow_private: z
    .boolean()
    .default(false)
    .describe("Follow the cloud's links to this machine and to private networks too.")
    .meta(restart),
  split_size_bytes: z
    .int()
    .min(1000)
    .max(10_000_000_000)
    .default(200_000_000)
    .describe("Largest part of an upload, in bytes.")
    .meta(restart),
  timeout_seconds: z
    .number()
    .min(0.1)
    .max(3600)
    .default(60)
    .describe("How long the cloud may say nothing, and take nothing, in seconds.")
    .meta(restart),
  max_attempts: z
    .int()
    .min(1)
    .max(100)
    .default(5)
    .describe("How often a request is sent that fails for the network or with a status from 500 on.")
    .meta(restart),
  first_retry_seconds: z
    .number()
    .min(0.01)
    .max(3600)
    .default(2)
    .describe("The pause before the second attempt, in seconds; it doubles with each, up to a minute.")
    .meta(restart),
  link_tries: z
    .int()
    .min(1)
    .max(10_000)
    .default(240)
    .describe("How often a download asks for its link before it is given up.")
    .meta(restart),
  link_interval_seconds: z
    .number()
    .min(1)
    .max(86_400)
    .default(30)
    .describe("The pause between two of these, in seconds; other tasks run meanwhile.")
    .meta(restart),
  max_model_bytes: z
    .int()
    .min(1000)
    .max(1_000_000_000_000)
    .default(20_000_000_000)
    .describe("Largest model, in bytes, packed and unpacked; more is refused.")
    .meta(restart),
  max_model_files: z
    .int()
    .min(1)
    .max(1_000_000)
    .default(10_000)
    .describe("Most files in a model; more are refused.")
    .meta(restart),
});

export type CloudSettings = z.output<typeof cloudSchema>;
export type CloudSettingsInput = z.input<typeof cloudSchema>;

/** What the environment says in place of the file, so that no file needs to hold it. */
export interface CloudSecrets {
  readonly token: string | null;
  readonly password: string | null;
}

export const noCloudSecrets: CloudSecrets = { token: null, password: null };

/** @param where the file's name @throws INVALID_SETTINGS naming every problem, and no secret */
export function cloudFrom(
  written: unknown,
  where: string,
  { token, password }: CloudSecrets = noCloudSecrets,
): CloudSettings {
  const cloud = parseStrictly(cloudSchema, written ?? {}, where);
  // The address is the owner's own choice; it is not shown, as it may carry a password.
  const problem = cloud.host === null ? null : problemOfUrl(cloud.host, true);
  if (problem !== null) throw invalidSettings(where, [{ path: "host", message: `it ${problem}` }]);
  return { ...cloud, token: token ?? cloud.token, password: password ?? cloud.password };
}
