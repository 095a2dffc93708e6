// Fetches the model the cloud has made of a project into its folder, whole or not at all.
import { type Ctx, type In, Task, TryLater, z } from "armature/task";
import { cloudToken } from "./_cloud.ts";
import { projectName } from "./_project.ts";
import { follow } from "./_transfer.ts";

export class CloudDownloadTask extends Task.with({
  name: "cloud_download_task",
  description: "Fetches the model of a project from the cloud, when it is ready",
  parameters: z.object({
    project: projectName.describe("Its folder below data/projects"),
    remote_name: z
      .string()
      .min(1)
      .max(200)
      .optional()
      .describe("Its name in the cloud; default: as it was uploaded"),
    token: cloudToken,
  }),
  result: z.object({
    project: z.string(),
    remote_name: z.string(),
    directory: z.string().describe("Relative to the data directory"),
    files: z.int(),
    bytes: z.int(),
  }),
  checkpoint: z.object({ asked: z.int() }),
  uses: ({ project }) => ({ [`model of ${project}`]: "exclusive" }), // one model at a time takes its place
  onRestart: "resume", // nothing moves
}) {
  async *run({ project, remote_name, token }: In<this>, ctx: Ctx<this>) {
    const download = await ctx.services.cloud.download({
      taskId: ctx.taskId,
      project,
      ...(remote_name !== undefined && { remoteName: remote_name }),
      ...(token !== undefined && { token }),
    });
    const { remoteName, intervalSeconds } = download;
    const asked = (ctx.resumedFrom?.asked ?? 0) + 1;
    if (!(await download.find(asked, { signal: ctx.signal }))) {
      await ctx.checkpoint({ asked });
      // Others have its place in the queue until then.
      throw new TryLater({ seconds: intervalSeconds, message: "The cloud has no model yet." });
    }
    yield* follow(await download.fetch(), ctx, { message: "Fetching the model" });
    yield* follow(await download.unpack(), ctx, { message: "Unpacking the model" });
    return { project, remote_name: remoteName, ...(await download.model()) };
  }
}
