// Hears what a server tells over WebSocket, so that nobody has to wait for a time.
import { once } from "node:events";
import { WebSocket } from "ws";

export interface Heard {
  readonly type: string;
  readonly task_id: string;
  readonly progress: { readonly data: Record<string, number | string> };
}

/** Everything that /ws says, from the snapshot on. */
export class Ear {
  readonly events: Heard[] = [];
  readonly #socket: WebSocket;
  #woken: () => void = () => undefined;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.on("message", (data) => {
      this.events.push(JSON.parse(String(data)));
      this.#woken();
    });
  }

  static async open(url: string): Promise<Ear> {
    const ear = new Ear(new WebSocket(`${url.replace("http", "ws")}/ws`));
    await once(ear.#socket, "open");
    return ear;
  }

  async first(fits: (event: Heard) => boolean): Promise<Heard> {
    for (;;) {
      const found = this.events.find(fits);
      if (found) return found;
      await new Promise<void>((resolve) => {
        this.#woken = resolve;
      });
    }
  }

  close(): void {
    this.#socket.close();
  }
}
