// The cloud's own interface: GET requests under one host, with basic authentication and a token, answered in JSON.
// What it says in its errors is not passed on: it may repeat the token.
import { z } from "zod";
import { RuntimeError } from "../../errors/runtime-error.ts";
import type { Clock } from "../../lib/clock.ts";
import type { CloudSettings } from "../../settings/cloud.ts";
import { type Answer, send, textOf } from "./http.ts";
import { persistently, ServerFault } from "./patience.ts";

/** The settings of a cloud that is there. */
export type Configured = CloudSettings & { readonly host: string; readonly token: string };

/** @param token in place of the one in the settings @throws CLOUD_NOT_CONFIGURED */
export function configured(settings: CloudSettings, token?: string): Configured {
  const { host } = settings;
  const whose = token ?? settings.token;
  const missing = [...(host === null ? ["host"] : []), ...(whose === null ? ["token"] : [])];
  if (host === null || whose === null) throw new RuntimeError("CLOUD_NOT_CONFIGURED", { missing });
  return { ...settings, host, token: whose };
}

const links = z.object({ ulink: z.array(z.string().max(8192)).max(100_000) });
const info = z.object({ dlink: z.string().max(8192).nullish() });
const anything = z.unknown();

export class CloudApi {
  readonly settings: Configured;
  /** As it may be shown. */
  readonly host: string;
  readonly #clock: Clock;

  constructor(settings: Configured, clock: Clock) {
    this.settings = settings;
    this.host = new URL(settings.host).host;
    this.#clock = clock;
  }

  /** @returns where the parts go, one link each @throws CLOUD_ANSWER_UNUSABLE where they are not as many */
  async createProject(
    remoteName: string,
    { photos, bytes, parts }: { photos: number; bytes: number; parts: number },
    signal?: AbortSignal,
  ): Promise<string[]> {
    const query = { project: remoteName, photos, filesize: bytes, parts };
    const { ulink } = await this.#ask("createProject", query, links, signal);
    if (ulink.length === parts) return ulink;
    throw this.#unusable("createProject", `${ulink.length} links for ${parts} parts`);
  }

  async startProject(remoteName: string, signal?: AbortSignal): Promise<void> {
    await this.#ask("startProject", { project: remoteName }, anything, signal);
  }

  /** The link to the model, or null while there is none. */
  async modelLink(remoteName: string, signal?: AbortSignal): Promise<string | null> {
    const { dlink } = await this.#ask("getProjectInfo", { project: remoteName }, info, signal);
    return dlink || null;
  }

  /** Resolves when the cloud knows the token, the user and the password. */
  async checkToken(): Promise<void> {
    await this.#ask("getTokenInfo", {}, anything);
  }

  async #ask<S extends z.ZodType>(
    action: string,
    query: Readonly<Record<string, string | number>>,
    schema: S,
    signal?: AbortSignal,
  ): Promise<z.output<S>> {
    const { settings, host } = this;
    const text = await persistently(
      { clock: this.#clock, settings, host, action, ...(signal && { signal }) },
      () => this.#once(action, query, signal),
    );
    const parsed = schema.safeParse(jsonIn(text));
    if (parsed.success) return parsed.data;
    const [issue] = parsed.error.issues;
    throw this.#unusable(action, `${issue?.path.join(".") || "the answer"}: ${issue?.message}`);
  }

  async #once(
    action: string,
    query: Readonly<Record<string, string | number>>,
    signal?: AbortSignal,
  ): Promise<string> {
    const { host, token, user, password, timeout_seconds } = this.settings;
    const url = new URL(action, host.endsWith("/") ? host : `${host}/`);
    for (const [name, value] of Object.entries({ token, ...query }))
      url.searchParams.set(name, String(value));
    const name = Buffer.from(`${user ?? ""}:${password ?? ""}`).toString("base64");
    const answer = await send({
      method: "GET",
      url: url.href,
      headers: { Accept: "application/json", ...(user !== null && { Authorization: `Basic ${name}` }) },
      idleMs: timeout_seconds * 1000,
      allowPrivate: true, // the owner's own choice
      ...(signal && { signal }),
    });
    refuse(answer, this.host, action);
    return textOf(answer);
  }

  #unusable(action: string, problem: string): RuntimeError {
    return new RuntimeError("CLOUD_ANSWER_UNUSABLE", { host: this.host, action, problem });
  }
}

/** Closes what it refuses. @throws ServerFault from 500 on, CLOUD_REFUSED for what is no success either */
export function refuse({ status, close }: Answer, host: string, action: string): void {
  if (status >= 200 && status < 300) return;
  close();
  if (status >= 500) throw new ServerFault(`it answered ${status}`);
  throw new RuntimeError("CLOUD_REFUSED", { host, action, status });
}

/** Undefined where it is none. */
function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // the schema says what was expected
  }
}
