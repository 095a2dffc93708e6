// A real Redis on a free port of this machine, that can be taken away and brought back. Knows no test.
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import os from "node:os";

/** Null where redis-server is not installed. */
export function redisVersion(): string | null {
  const asked = spawnSync("redis-server", ["--version"], { encoding: "utf8" });
  return asked.status === 0 ? (/v=(\S+)/.exec(asked.stdout)?.[1] ?? "unknown") : null;
}

export const whyNoRedis = redisVersion() === null ? "redis-server is not installed" : null;

/** As redis-server takes them. */
export const argumentsOf = (settings: Readonly<Record<string, string>>): string[] =>
  Object.entries(settings).flatMap(([key, value]) => [`--${key}`, value]);

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new Error("no port was given");
  return address.port;
}

export class RedisServer {
  readonly port: number;
  readonly #settings: Readonly<Record<string, string>>;
  #child: ChildProcess | null = null;

  private constructor(port: number, settings: Readonly<Record<string, string>>) {
    this.port = port;
    this.#settings = settings;
  }

  /** Keeps nothing on the disk. @param settings besides, as in `{ requirepass: "…" }` */
  static async start(settings: Readonly<Record<string, string>> = {}): Promise<RedisServer> {
    const server = new RedisServer(await freePort(), settings);
    await server.back();
    return server;
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`;
  }

  /** On the same port. Resolves when it takes connections. */
  async back(): Promise<void> {
    const standard = {
      port: String(this.port),
      bind: "127.0.0.1",
      dir: os.tmpdir(),
      save: "",
      appendonly: "no",
    };
    const child = spawn("redis-server", argumentsOf({ ...standard, ...this.#settings }), {
      stdio: ["ignore", "pipe", "inherit"],
    });
    this.#child = child;
    let said = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      said += text;
      child.emit("said");
    });
    const gone = once(child, "exit");
    while (!said.includes("Ready to accept connections")) {
      await Promise.race([once(child, "said"), gone]);
      if (child.exitCode !== null) throw new Error(`redis-server ended early\n${said}`);
    }
  }

  /** It takes connections and answers nothing, until it is thawed. */
  freeze(): void {
    this.#child?.kill("SIGSTOP");
  }

  thaw(): void {
    this.#child?.kill("SIGCONT");
  }

  /** SIGKILL: no goodbye to anybody. */
  async kill(): Promise<void> {
    const child = this.#child;
    if (child === null || child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, "exit");
    child.kill("SIGKILL");
    await gone;
  }
}
