// Sends a project's photos to the cloud that makes a model of them: packed once, part by part, continued where it stopped.
import { type Ctx, type In, Task, z } from "armature/task";
import { cloudToken } from "./_cloud.ts";
import { projectName } from "./_project.ts";
import { follow } from "./_transfer.ts";

export class CloudUploadTask extends Task.with({
  name: "cloud_upload_task",
  description: "Sends the photos of a project to the cloud",
  parameters: z.object({
    project: projectName.describe("Its folder below data/projects"),
    scan_indices: z.array(z.int().min(1)).min(1).optional().describe("Only these scans; default: all"),
    token: cloudToken,
  }),
  result: z.object({
    project: z.string(),
    remote_name: z.string(),
    photos: z.int(),
    bytes: z.int(),
    parts: z.int(),
  }),
  checkpoint: z.object({ remote_name: z.string(), parts_sent: z.int() }),
  onRestart: "resume", // nothing moves
}) {
  async *run({ project, scan_indices, token }: In<this>, ctx: Ctx<this>) {
    const before = ctx.resumedFrom;
    const upload = await ctx.services.cloud.upload({
      taskId: ctx.taskId,
      project,
      ...(scan_indices && { scanIndices: scan_indices }),
      ...(token !== undefined && { token }),
      ...(before && { continues: before.remote_name }),
    });
    const { remoteName: remote_name } = upload;
    if (before?.remote_name !== remote_name) await ctx.checkpoint({ remote_name, parts_sent: 0 });
    yield* follow(await upload.pack(), ctx, { message: `Packing ${upload.photos} photos` });
    await upload.create({ signal: ctx.signal });
    const { photos, bytes, parts, partBytes } = upload;
    for (let part = before?.remote_name === remote_name ? before.parts_sent : 0; part < parts; part++) {
      const message = `Sending part ${part + 1} of ${parts}`;
      yield* follow(await upload.send(part), ctx, { message, before: part * partBytes, total: bytes });
      // Durable before the next part goes: what the cloud has got is not sent again.
      await ctx.checkpoint({ remote_name, parts_sent: part + 1 });
    }
    await upload.start({ signal: ctx.signal });
    return { project, remote_name, photos, bytes, parts };
  }
}
