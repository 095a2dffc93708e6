import { expect, test } from "vitest";
import { openDataDirectory } from "../../src/store/data-directory.ts";
import { machineBoot } from "../../src/store/machine-boot.ts";
import { newDirectory } from "./support/place.ts";

const named = (name: string) => ({ bootName: async () => name, uptime: () => 5, now: () => 1_000_000 });
const nameless = (now: number, uptime: number) => ({
  bootName: async () => null,
  uptime: () => uptime,
  now: () => now * 1000,
});

test("where the system names its boots, the name is the boot", async () => {
  expect(await machineBoot(null, named("a"))).toBe("a");
  expect(await machineBoot("a", named("b"))).toBe("b");
});

test("elsewhere the time of the boot is, and small corrections of the clock do not make another", async () => {
  const first = await machineBoot(null, nameless(10_000, 100));
  expect(first).toBe("since 9900");
  expect(await machineBoot(first, nameless(20_030, 10_100))).toBe(first);
  expect(await machineBoot(first, nameless(20_000, 50))).toBe("since 19950");
  expect(await machineBoot("a name", nameless(10_000, 100))).toBe("since 9900");
});

test("a runtime that died in this boot has crashed; one that was told to end, or never began, has not", async () => {
  const directory = await newDirectory();
  const crashed = async (work: (opened: Awaited<ReturnType<typeof openDataDirectory>>) => Promise<void>) => {
    const opened = await openDataDirectory(directory);
    await work(opened);
    await opened.close();
    return opened.crashedIn !== null;
  };
  expect(await crashed(async () => undefined)).toBe(false);
  expect(await crashed(({ began }) => began())).toBe(false);
  // The last one began and was not told to end. This one does not get as far.
  expect(await crashed(async () => undefined)).toBe(true);
  const inOrder = ({ began, ending }: { began(): Promise<void>; ending(): Promise<void> }) =>
    began().then(ending);
  expect(await crashed(inOrder)).toBe(true);
  expect(await crashed(inOrder)).toBe(false);
});

test("a note that is still on its way to the disk is written before the directory is given back", async () => {
  const directory = await newDirectory();
  const opened = await openDataDirectory(directory);
  await opened.began();
  void opened.ending();
  await opened.close();
  const next = await openDataDirectory(directory);
  expect(next.crashedIn).toBe(null);
  await next.close();
});
