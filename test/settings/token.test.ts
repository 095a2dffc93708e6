import { stat } from "node:fs/promises";
import { expect, test } from "vitest";
import { loadSettings } from "../../src/settings/load.ts";
import { ensureToken, findToken, needsToken, tokenFile } from "../../src/settings/token.ts";
import { project } from "./folder.ts";

test("a token is made once, and only its owner may read it", async () => {
  const settings = await loadSettings({ projectRoot: await project(), env: {} });
  expect(await findToken(settings)).toBeNull();
  const token = await ensureToken(settings);
  expect(token).toMatch(/^[\w-]{32}$/);
  expect(await ensureToken(settings)).toBe(token);
  expect(await findToken(settings)).toBe(token);
  expect((await stat(tokenFile(settings))).mode & 0o777).toBe(0o600);
});

test("the environment's token is used, and none is made", async () => {
  const settings = await loadSettings({ projectRoot: await project(), env: { ARMATURE_TOKEN: "t" } });
  expect(await ensureToken(settings)).toBe("t");
  await expect(stat(tokenFile(settings))).rejects.toMatchObject({ code: "ENOENT" });
});

test.each([
  ["127.0.0.1", "token", false],
  ["localhost", "token", false],
  ["::1", "token", false],
  ["0.0.0.0", "token", true],
  ["192.168.1.4", "token", true],
  ["127.0.0.1.example.org", "token", true],
  ["0.0.0.0", "none", false],
])("on %s with auth '%s' a token is needed: %s", async (host, auth, needed) => {
  const root = await project({ "firmware.json": { server: { host, auth } } });
  expect(needsToken(await loadSettings({ projectRoot: root, env: {} }))).toBe(needed);
});
