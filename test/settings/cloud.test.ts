import { expect, test } from "vitest";
import { cloudFrom } from "../../src/settings/cloud.ts";
import { loadSettings } from "../../src/settings/load.ts";
import { project } from "./folder.ts";

const load = async (cloud: unknown, env = {}) =>
  (await loadSettings({ projectRoot: await project(cloud === null ? {} : { "cloud.json": cloud }), env }))
    .cloud;

const problemOf = (written: unknown): string => {
  try {
    cloudFrom(written, "settings/cloud.json");
    return "none";
  } catch (error) {
    return JSON.stringify([(error as Error).message, (error as { details: unknown }).details]);
  }
};

test("without settings/cloud.json there is no cloud, and the parts are those the reference's takes", async () => {
  expect(await load(null)).toMatchObject({
    ...{ host: null, token: null, user: null, password: null, allow_private: false },
    split_size_bytes: 200_000_000,
  });
});

test("the environment may hold the secrets, and wins", async () => {
  const env = { ARMATURE_CLOUD_TOKEN: "of the environment", ARMATURE_CLOUD_PASSWORD: "likewise" };
  expect(await load({ host: "http://cloud.local", token: "of the file" }, env)).toMatchObject({
    ...{ host: "http://cloud.local", token: "of the environment", password: "likewise" },
  });
  expect(await load({ token: "of the file" }, { ARMATURE_CLOUD_TOKEN: "" })).toMatchObject({
    token: "of the file",
  });
});

test("of a file that may hold secrets nothing is shown, but that it is empty or cut short", async () => {
  await expect(load("")).rejects.toThrow(
    "cloud.json: line 1, column 1: expected a value, found an empty file",
  );
  await expect(load('{"token":')).rejects.toThrow("expected a value, found the end of the file");
  await expect(load('{"token": hunter2}')).rejects.toThrow(/column 11: expected a value$/);
});

test("the host may be inside, and is http or https without a password", () => {
  expect(problemOf({ host: "http://192.168.1.7:1334/cloud" })).toBe("none");
  expect(problemOf({ host: "ftp://cloud.example" })).toContain("host: it begins with ftp:");
  expect(problemOf({ host: "cloud.example" })).toContain("settings/cloud.json: host: it is");
  expect(problemOf({ host: "https://me:hunter2@cloud.example" })).toContain("carries a name or password");
});

test.each([
  [
    "a password of the wrong kind",
    { password: { is: "hunter2" } },
    "password: expected string, found a value that is not shown",
  ],
  [
    "a token that is too long",
    { token: "hunter2".repeat(200) },
    "token: expected string to have <=1000 characters",
  ],
  ["a misspelt key", { pasword: "hunter2" }, "there is no such key"],
  ["a password in the host", { host: "https://me:hunter2@cloud.example" }, "host"],
  ["a host that is none", { host: "https://me:hunter2@" }, "host"],
])("%s is named, and its value is not", (_, written, problem) => {
  const said = problemOf(written);
  expect(said).toContain(problem);
  expect(said).not.toContain("hunter2");
});

test("where the file is broken its text is not shown", async () => {
  for (const text of ['{ "password": hunter2 }', '{ "password": "a" "hunter2" }', '"hunter2"'])
    await expect(load(text)).rejects.toMatchObject({
      code: "INVALID_SETTINGS",
      message: expect.not.stringContaining("hunter2"),
    });
});

test("every other problem is named with what was found", () => {
  expect(problemOf({ split_size_bytes: 0 })).toContain(
    "split_size_bytes: expected number to be >=1000, found 0",
  );
  expect(problemOf({ hots: "http://cloud.local" })).toContain("did you mean 'host'?");
});
