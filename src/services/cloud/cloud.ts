// `ctx.services.cloud`: transfers to and from the service that makes models of photos. Loaded with the first of them.
import type { Clock } from "../../lib/clock.ts";
import type { CloudSettings } from "../../settings/cloud.ts";
import type { CloudService } from "../../task/cloud.ts";
import type { CloudParts } from "./parts.ts";

export const createCloud = (parts: CloudParts): CloudService => ({
  async upload(request) {
    const { Upload } = await import("./upload.ts");
    return Upload.open(parts, request);
  },
  async download(request) {
    const { Download } = await import("./download.ts");
    return Download.open(parts, request);
  },
});

/** Resolves when the cloud answers and knows who asks. @throws CLOUD_NOT_CONFIGURED, CLOUD_UNREACHABLE, CLOUD_REFUSED */
export async function checkCloud(settings: CloudSettings, clock: Clock): Promise<void> {
  const { CloudApi, configured } = await import("./api.ts");
  await new CloudApi(configured({ ...settings, max_attempts: 1 }), clock).checkToken();
}
