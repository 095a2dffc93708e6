// Alignment as tasks find it in `ctx.services.alignment`.
import type { Clock } from "../../lib/clock.ts";
import type { AlignmentService } from "../../task/alignment.ts";
import { PeakSearching } from "./peak-search.ts";
import { measuredProfile } from "./profile.ts";

export const createAlignment = (clock: Clock): AlignmentService => ({
  findPeak: (search) => new PeakSearching(search, clock).run(),
  measureProfile: (scan) => measuredProfile(scan, clock),
});
