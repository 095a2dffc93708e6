import { mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { taskStoreContract } from "../contracts/task-store.ts";
import { storeIn } from "./support/place.ts";

taskStoreContract("the journal store", async () => {
  const directory = await mkdtemp(path.join(os.tmpdir(), "armature-store-"));
  return {
    open: async () => storeIn(directory),
    dispose: () => rm(directory, { recursive: true, force: true }),
  };
});

taskStoreContract("the journal store with a snapshot at every turn", async () => {
  const directory = await mkdtemp(path.join(os.tmpdir(), "armature-store-"));
  return {
    open: async () => storeIn(directory, { growth: { bytes: 1, changes: 1, ratio: 0 } }),
    dispose: () => rm(directory, { recursive: true, force: true }),
  };
});
