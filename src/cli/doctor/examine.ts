// The doctor's round: this machine, the settings, the data, then the runtime with its task files and devices.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { type LoadedSettings, loadSettings } from "../../settings/load.ts";
import { type Connection, findServer, startPrivate } from "../connect.ts";
import type { Shell } from "../shell.ts";
import { cloudFindings } from "./cloud.ts";
import { dataFindings } from "./data.ts";
import { type Chapter, fine, note, wrongBy } from "./finding.ts";
import { machineFindings } from "./machine.ts";
import { redisFindings } from "./redis.ts";
import { runtimeChapters } from "./runtime.ts";
import { settingsFindings } from "./settings.ts";

export async function* examine(shell: Shell): AsyncGenerator<Chapter, void, void> {
  yield { title: "This machine", findings: await machineFindings(shell.projectRoot) };
  let settings: LoadedSettings;
  try {
    settings = await loadSettings(shell);
  } catch (error) {
    yield { title: "Settings", findings: [wrongBy(error)] };
    return;
  }
  const findings = [
    ...(await settingsFindings(settings, shell.env)),
    ...(await redisFindings(settings.redis)),
  ];
  yield { title: "Settings", findings };
  yield { title: "Data", findings: await dataFindings(settings.directories.data) };
  yield { title: "Cloud", findings: await cloudFindings(settings.cloud) };
  yield* runtime(settings, shell);
}

async function* runtime(settings: LoadedSettings, shell: Shell): AsyncGenerator<Chapter, void, void> {
  // A data directory of its own: the tasks that wait in the real one must not begin to move because a doctor looks.
  const own = await mkdtemp(path.join(tmpdir(), "armature-doctor-"));
  let connection: Connection | null = null;
  try {
    connection = await findServer(settings);
    const server = connection
      ? fine(`the server at ${connection.client.url} answers`)
      : note("no server is running; a runtime was started to look at the rest, without your tasks");
    connection ??= await startPrivate(shell, { ARMATURE_DATA_DIR: own });
    const chapters = await runtimeChapters(connection.client);
    yield { title: "Runtime", findings: [server, ...chapters.health] };
    yield { title: "Task files", findings: chapters.plugins };
    yield { title: "Devices", findings: chapters.devices };
  } catch (error) {
    yield { title: "Runtime", findings: [wrongBy(error)] };
  } finally {
    await connection?.close();
    await rm(own, { recursive: true, force: true });
  }
}
