// Which device profiles there are. What stands in one is the hardware's business.
import { readdir } from "node:fs/promises";
import path from "node:path";
import { nearest } from "../lib/nearest.ts";
import { didYouMean, invalidSettings } from "./strict.ts";

/** Name and file of every profile below the settings folders; where two share a name the first folder's counts. */
export async function findProfiles(settingsFolders: readonly string[]): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  for (const folder of settingsFolders.map((settings) => path.join(settings, "devices"))) {
    const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT") return [];
      throw error;
    });
    for (const name of names.filter((file) => file.endsWith(".json")).sort()) {
      const profile = path.basename(name, ".json");
      if (!found.has(profile)) found.set(profile, path.join(folder, name));
    }
  }
  return found;
}

/** @param where who asks for it @throws INVALID_SETTINGS with the names there are */
export function profileFile(profile: string, profiles: ReadonlyMap<string, string>, where: string): string {
  const file = profiles.get(profile);
  if (file) return file;
  const names = [...profiles.keys()].sort();
  const near = nearest(profile, names, 1);
  const hint = near.length > 0 ? didYouMean(near) : `; there are ${names.join(", ") || "none"}`;
  throw invalidSettings(where, [
    {
      path: "profile",
      message: `there is no settings/devices/${profile}.json${hint}`,
      expected: names.join(", "),
      found: profile,
    },
  ]);
}
