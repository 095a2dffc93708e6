import { once } from "node:events";
import { createServer } from "node:net";
import { expect, test } from "vitest";
import { loadPackages } from "../../../src/lanes/fleet/connection.ts";

/** A port where nobody listens: it was free a moment ago. */
async function deadPort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}

test("who waits for a Redis that is away is told when it is given up, between two tries too", async () => {
  const { connect } = await loadPackages();
  const givingUp = new AbortController();
  const redis = connect(`redis://127.0.0.1:${await deadPort()}`, () => undefined, givingUp.signal);
  const answer = redis.ping();
  await new Promise((resolve) => redis.once("reconnecting", resolve));
  expect(redis.status).toBe("reconnecting");
  givingUp.abort();
  await expect(answer).rejects.toThrow("Connection is closed");
});
