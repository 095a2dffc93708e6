// The cloud that the settings name: does it answer, and does it know us.
import { systemClock } from "../../lib/clock.ts";
import { checkCloud } from "../../services/cloud/cloud.ts";
import type { CloudSettings } from "../../settings/cloud.ts";
import { type Finding, fine, wrongBy } from "./finding.ts";

/** Somebody waits for the doctor. */
const patienceSeconds = 10;

export async function cloudFindings(cloud: CloudSettings): Promise<Finding[]> {
  if (cloud.host === null) return [fine("there is no cloud in settings/cloud.json, and none is needed")];
  try {
    const timeout_seconds = Math.min(cloud.timeout_seconds, patienceSeconds);
    await checkCloud({ ...cloud, timeout_seconds }, systemClock);
    return [fine(`the cloud at ${new URL(cloud.host).host} answers, and knows the token`)];
  } catch (error) {
    return [wrongBy(error)];
  }
}
