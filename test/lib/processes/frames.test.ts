import { expect, test } from "vitest";
import { FrameReader, frame } from "../../../src/lib/processes/frames.mjs";
import { randomOf } from "../../random.ts";

test("frames come out as they went in, however the stream cuts them", () => {
  const random = randomOf(7);
  const sizes = [0, 1, 4, 5, 100, 16_383, 16_384, 70_000];
  const sent = sizes.map((size, kind) => ({ kind, text: String.fromCharCode(97 + kind).repeat(size) }));
  const stream = Buffer.concat(sent.flatMap(({ kind, text }) => frame(kind, Buffer.from(text))));
  for (let round = 0; round < 50; round++) {
    const heard: typeof sent = [];
    const reader = new FrameReader((kind, content) => heard.push({ kind, text: content.toString() }));
    for (let at = 0; at < stream.length; ) {
      const end = at + 1 + Math.floor(random() ** 4 * 20_000);
      reader.push(stream.subarray(at, end));
      at = end;
    }
    expect(heard).toEqual(sent);
  }
});
