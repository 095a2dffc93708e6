// The public API as the command line speaks it: plain HTTP, one WebSocket. Knows nothing of the runtime behind it.
import WebSocket from "ws";
import { isSettled } from "../task/lifecycle.ts";
import type { TaskView } from "../task/record.ts";
import { CommandError } from "./command-error.ts";
import { atTheTerminal } from "./wording.ts";

export interface WireEvent {
  readonly type: string;
  readonly task_id: string | null;
  readonly timestamp: string;
  readonly seq: number;
  readonly [field: string]: unknown;
}

/** As much of an RFC 9457 problem as people need. */
interface Problem {
  readonly detail?: string;
  readonly remediation?: string;
  readonly errors?: readonly { readonly path: string; readonly message: string }[];
}

interface Asked {
  readonly body?: unknown;
  readonly signal?: AbortSignal | undefined;
}

export interface EventStream {
  /** Resolves when the server or `close` ended it. */
  readonly closed: Promise<void>;
  close(): void;
}

export class Client {
  readonly url: string;
  readonly #credentials: Readonly<Record<string, string>>;

  /** @param url without a slash at its end */
  constructor(url: string, token: string | null) {
    this.url = url;
    this.#credentials = token === null ? {} : { Authorization: `Bearer ${token}` };
  }

  /** @throws CommandError with what the server said, or that it said nothing */
  async get<T>(path: string, signal?: AbortSignal): Promise<T> {
    return (await this.#ask("GET", path, { signal })) as T;
  }

  async post<T>(path: string, body?: unknown): Promise<T> {
    return (await this.#ask("POST", path, { body })) as T;
  }

  /** The task once it has ended, or once it waits for a person. */
  async untilEnded(id: string, signal?: AbortSignal): Promise<TaskView> {
    for (;;) {
      const task = await this.get<TaskView>(`/tasks/${id}?wait=20`, signal);
      if (isSettled(task.status)) return task;
    }
  }

  /** Resolves when the server has answered with its snapshot; from then on no event is missed. */
  async follow(onEvent: (event: WireEvent) => void): Promise<EventStream> {
    const socket = new WebSocket(`${this.url.replace(/^http/, "ws")}/ws`, { headers: this.#credentials });
    const closed = new Promise<void>((resolve) => socket.once("close", () => resolve()));
    await new Promise<void>((resolve, reject) => {
      socket.on("error", (error) => reject(unreachable(this.url, error)));
      socket.on("message", (data) => {
        const event = JSON.parse(String(data)) as WireEvent;
        if (event.type === "snapshot") resolve();
        onEvent(event);
      });
      socket.once("close", (code) => reject(unreachable(this.url, new Error(`closed with code ${code}`))));
    });
    return { closed, close: () => socket.close() };
  }

  async #ask(method: string, path: string, { body, signal }: Asked = {}): Promise<unknown> {
    const response = await fetch(`${this.url}${path}`, {
      method,
      headers: {
        ...this.#credentials,
        ...(body === undefined ? {} : { "Content-Type": "application/json" }),
      },
      body: body === undefined ? null : JSON.stringify(body),
      signal: signal ?? null,
    }).catch((error: unknown) => {
      throw unreachable(this.url, error);
    });
    const text = await response.text();
    const answer = parse(text);
    // A runtime that is not ready says why in a body of its own.
    if (response.ok || path === "/health/ready") return answer;
    throw refused(response.status, (answer ?? {}) as Problem);
  }
}

function parse(text: string): unknown {
  try {
    return text === "" ? null : JSON.parse(text);
  } catch {
    return null;
  }
}

function refused(status: number, { detail, remediation, errors = [] }: Problem): CommandError {
  const fields = errors.map(({ path, message }) => `\n  ${path}: ${message}`).join("");
  return new CommandError(
    atTheTerminal(`${detail ?? `The server answered ${status}.`}${fields}`),
    (remediation && atTheTerminal(remediation)) ??
      "Is this an Armature server? ARMATURE_HOST and ARMATURE_PORT say where to look.",
  );
}

export const unreachable = (url: string, cause: unknown): CommandError =>
  new CommandError(
    `No server answers at ${url}.`,
    "Start one with `armature start`, or set ARMATURE_HOST and ARMATURE_PORT to where it listens.",
    { cause },
  );
