import type { lookup } from "node:dns";
import { expect, test } from "vitest";
import { NotPublic } from "../../src/lib/public-lookup.ts";
import { type Post, post } from "../../src/outlets/guarded-post.ts";
import { Receiver } from "./receiver.ts";

const open = new AbortController().signal;
const letter = (url: string, more: Partial<Post> = {}): Post => ({
  url,
  headers: { "Content-Type": "application/json" },
  body: '{"n":1}',
  timeoutMs: 5000,
  allowPrivate: true,
  signal: open,
  ...more,
});

/** A name server that says what the test says. */
const names = (...addresses: string[]): typeof lookup =>
  ((_: string, options: { all?: boolean }, callback: (...found: unknown[]) => void) => {
    const all = addresses.map((address) => ({ address, family: address.includes(":") ? 6 : 4 }));
    if (options.all) callback(null, all);
    else callback(null, all[0]?.address, all[0]?.family);
  }) as unknown as typeof lookup;

test("the body arrives as it is, and the status comes back", async () => {
  const receiver = await Receiver.open();
  receiver.answer = (response) => response.writeHead(503, { "Retry-After": "7" }).end("later");
  expect(await post(letter(receiver.url))).toEqual({ status: 503, retryAfterSeconds: 7 });
  expect(receiver.letters).toMatchObject([
    { text: '{"n":1}', headers: { "content-type": "application/json" } },
  ]);
});

test("an address of this machine is refused before anything is sent", async () => {
  const receiver = await Receiver.open();
  const refusal = await post(letter(receiver.url, { allowPrivate: false })).catch((error: unknown) => error);
  expect(refusal).toBeInstanceOf(NotPublic);
  expect(receiver.letters).toEqual([]);
});

test("a name that stands for an address inside is refused where the connection would be made", async () => {
  const receiver = await Receiver.open();
  const url = `http://hook.example:${receiver.port}/`;
  for (const found of [names("127.0.0.1"), names("1.1.1.1", "127.0.0.1"), names("::1"), names("10.0.0.1")]) {
    const refusal = await post(letter(url, { allowPrivate: false, lookup: found })).catch((e: unknown) => e);
    expect(refusal).toBeInstanceOf(NotPublic);
    expect((refusal as Error).message).toMatch(/^hook.example leads to .*, which is not a public address$/);
  }
  expect(receiver.letters).toEqual([]);
});

test("a name is looked up once: what it stands for afterwards is nobody's business", async () => {
  const receiver = await Receiver.open();
  let asked = 0;
  const changing = ((...call: Parameters<typeof lookup>) => {
    asked++;
    return (names(asked === 1 ? "127.0.0.1" : "10.0.0.1") as unknown as (...all: unknown[]) => void)(...call);
  }) as unknown as typeof lookup;
  const { status } = await post(letter(`http://hook.example:${receiver.port}/`, { lookup: changing }));
  expect([status, asked]).toEqual([204, 1]);
});

test("a redirect is an answer like any other, and nobody follows it", async () => {
  const [receiver, other] = [await Receiver.open(), await Receiver.open()];
  receiver.answer = (response) => response.writeHead(307, { Location: other.url }).end();
  expect((await post(letter(receiver.url))).status).toBe(307);
  expect(other.letters).toEqual([]);
});

test("a receiver that says nothing is given its time and no more", async () => {
  const receiver = await Receiver.open();
  receiver.answer = () => undefined;
  await expect(post(letter(receiver.url, { timeoutMs: 100 }))).rejects.toThrow(
    "no answer within 0.1 seconds",
  );
});

test("an answer without end is cut off", async () => {
  const receiver = await Receiver.open();
  let cut = false;
  receiver.answer = (response) => {
    response.on("close", () => {
      cut = true;
    });
    response.writeHead(200);
    const more = (): void => {
      if (!cut) response.write("x".repeat(16_384), () => setImmediate(more));
    };
    more();
  };
  expect((await post(letter(receiver.url))).status).toBe(200);
  while (!cut) await new Promise((resolve) => setImmediate(resolve));
});

test("nobody there, or broken off, is an error", async () => {
  const receiver = await Receiver.open();
  const { url } = receiver;
  await receiver.close();
  await expect(post(letter(url))).rejects.toThrow(/ECONNREFUSED/);
  await receiver.listen();
  receiver.answer = () => undefined;
  const goodbye = new AbortController();
  const sent = post(letter(receiver.url, { signal: goodbye.signal }));
  while (receiver.letters.length === 0) await new Promise((resolve) => setImmediate(resolve));
  goodbye.abort();
  await expect(sent).rejects.toThrow();
});
