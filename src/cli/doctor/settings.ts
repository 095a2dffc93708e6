// The settings once they could be read: what is odd about them, and the folders they name.
import { stat } from "node:fs/promises";
import path from "node:path";
import { loadProfile } from "../../hardware/profile.ts";
import { type Environment, unknownVariables } from "../../settings/environment.ts";
import { firmwareFile, type LoadedSettings } from "../../settings/load.ts";
import { isLoopback } from "../../settings/token.ts";
import { type Finding, fine, note, wrongBy } from "./finding.ts";

export async function settingsFindings(settings: LoadedSettings, env: Environment): Promise<Finding[]> {
  const { firmware, directories, overridden } = settings;
  const file = firmwareFile(directories.settings, directories.project);
  const findings = [
    fine(
      (await file.read()) === null
        ? `there is no ${file.shown}: every key has its default`
        : `${file.shown} is valid`,
    ),
    ...openscanFindings(settings.openscan, file.shown),
    await profileFinding(settings),
  ];
  if (overridden.length > 0) findings.push(fine(`the environment sets ${overridden.join(", ")}`));
  for (const { name, hint } of unknownVariables(env))
    findings.push(note(`the environment has ${name}, which nobody reads${hint}`));
  if (firmware.server.auth === "none" && !isLoopback(firmware.server.host))
    findings.push(
      note(
        `anybody who reaches ${firmware.server.host} may move this machine: server.auth is "none"`,
        'Set server.auth to "token" unless the network is yours alone.',
      ),
    );
  for (const folder of firmware.media_directories)
    findings.push(
      ...(await missing(path.resolve(directories.project, folder), `media_directories: ${folder}`)),
    );
  findings.push(...(await externalFinding(directories.externalTasks)));
  return findings;
}

function openscanFindings(openscan: LoadedSettings["openscan"], ours: string): Finding[] {
  if (openscan === null) return [];
  const { file, values, outvoted, unused } = openscan;
  const keys = Object.keys(values).filter((key) => !outvoted.includes(key));
  const findings = [fine(`${file} sets ${keys.join(", ") || "nothing"}`)];
  if (outvoted.length > 0)
    findings.push(note(`${ours} has ${outvoted.join(", ")} too, and wins over ${file}`, "Keep one of them."));
  if (unused.length > 0) findings.push(note(`not used of ${file}: ${unused.join(", ")}`));
  return findings;
}

async function profileFinding({ profilePath, firmware }: LoadedSettings): Promise<Finding> {
  try {
    const { devices } = await loadProfile(path.dirname(profilePath), firmware.profile);
    return fine(`the profile ${firmware.profile} has ${Object.keys(devices).length} devices`);
  } catch (error) {
    return wrongBy(error);
  }
}

async function missing(folder: string, named: string): Promise<Finding[]> {
  const found = await stat(folder).catch(() => null);
  return found?.isDirectory()
    ? []
    : [note(`${named} is no directory`, `Make ${folder}, or take it out of the settings.`)];
}

async function externalFinding(folder: string): Promise<Finding[]> {
  const found = await stat(folder).catch(() => null);
  return [
    fine(
      found?.isDirectory()
        ? `task files from outside: ${folder}`
        : `no task files from outside (${folder} is not there)`,
    ),
  ];
}
