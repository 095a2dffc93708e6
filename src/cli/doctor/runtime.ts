// What a running runtime says of itself over its public API.
import type { Client } from "../client.ts";
import { type Finding, fine, note, wrong } from "./finding.ts";

interface Plugin {
  readonly file: string;
  readonly line: number | null;
  readonly status: string;
  readonly task_types: readonly string[];
  readonly reason: string | null;
  readonly remedy: string | null;
}

interface Device {
  readonly name: string;
  readonly driver: string;
  readonly state: string;
  readonly problem: string | null;
  readonly remedy: string | null;
}

interface Readiness {
  readonly ready: boolean;
  readonly checks: Readonly<Record<string, unknown>>;
}

export interface RuntimeFindings {
  readonly health: readonly Finding[];
  readonly plugins: readonly Finding[];
  readonly devices: readonly Finding[];
}

export async function runtimeChapters(client: Client): Promise<RuntimeFindings> {
  const [health, plugins, devices] = await Promise.all([
    client.get<Readiness>("/health/ready"),
    client.get<Plugin[]>("/plugins"),
    client.get<Device[]>("/devices"),
  ]);
  return {
    health: [healthFinding(health)],
    plugins: plugins.map(pluginFinding),
    devices: devices.map(deviceFinding),
  };
}

function healthFinding({ ready, checks }: Readiness): Finding {
  if (ready) return fine("it is ready to work");
  const said = Object.entries(checks).map(([name, found]) => `\n${name}: ${JSON.stringify(found)}`);
  return wrong(`it is not ready to work:${said.join("")}`, "Mend what is named there; the rest goes on.");
}

function pluginFinding({ file, line, status, task_types, reason, remedy }: Plugin): Finding {
  const place = line === null || status === "loaded" ? file : `${file}:${line}`;
  if (status === "loaded") return fine(`${place}  ${task_types.join(", ")}`);
  const sentence = `${place}  ${status.replaceAll("_", " ")}${reason ? `: ${reason}` : ""}`;
  if (status === "rejected") return wrong(sentence, remedy);
  if (status === "opted_out" || status === "ignored") return fine(sentence);
  return note(sentence, remedy ?? undefined);
}

function deviceFinding({ name, driver, state, problem, remedy }: Device): Finding {
  if (state === "failed") return wrong(`${name} (${driver})  ${problem ?? state}`, remedy);
  if (state === "stopped")
    return note(`${name} (${driver})  stopped in an emergency`, "`armature resume` releases it.");
  return fine(`${name} (${driver})  ${state}`);
}
