// How words travel on a bad line: split anywhere, late, never out of order.
import { below, type Random } from "../../../random.ts";
import type { Sender } from "./serve.ts";

export const splitAndLate =
  (random: Random): Sender =>
  (send) => {
    let parts: string[] = [];
    let isSending = false;
    const next = (): void => {
      const part = parts.shift();
      isSending = part !== undefined;
      if (part === undefined) return;
      send(Buffer.from(part, "latin1"));
      if (random() < 0.005) setTimeout(next, below(random, 5));
      else setImmediate(next);
    };
    return (text) => {
      const at = random() < 0.3 ? below(random, text.length) : 0;
      parts = [...parts, text.slice(0, at), text.slice(at)].filter((part) => part !== "");
      if (!isSending) next();
    };
  };
