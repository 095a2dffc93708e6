// armature schemas: the JSON Schemas that editors read beside the settings files, made from the zod objects.
import path from "node:path";
import { deviceProfileSchema } from "../../hardware/profile.ts";
import { writeDurably } from "../../lib/durable-file.ts";
import { cloudSchema } from "../../settings/cloud.ts";
import { firmwareSchema } from "../../settings/firmware.ts";
import { schemaOf } from "../../settings/keys.ts";
import { redisSchema } from "../../settings/redis.ts";
import { webhooksSchema } from "../../settings/webhooks.ts";
import { readOptions } from "../options.ts";
import { exit, type Shell } from "../shell.ts";

/** By file name, as they are written. */
export const settingsSchemas = (): Readonly<Record<string, string>> => ({
  "firmware.schema.json": textOf(firmwareSchema),
  "device-profile.schema.json": textOf(deviceProfileSchema),
  "cloud.schema.json": textOf(cloudSchema),
  "webhooks.schema.json": textOf(webhooksSchema),
  "redis.schema.json": textOf(redisSchema),
});

export async function run(words: readonly string[], { projectRoot, out }: Shell): Promise<number> {
  readOptions("schemas", words, {}, 0);
  for (const [name, text] of Object.entries(settingsSchemas())) {
    const file = path.join("settings/schemas", name);
    await writeDurably(path.join(projectRoot, file), text);
    out.line(file);
  }
  return exit.fine;
}

const textOf = (schema: Parameters<typeof schemaOf>[0]): string =>
  `${JSON.stringify(schemaOf(schema), null, 2)}\n`;
