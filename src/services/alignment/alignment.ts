// Alignment as tasks find it in `ctx.services.alignment`. What it does is loaded with its first use.
import type { Clock } from "../../lib/clock.ts";
import type { AlignmentService } from "../../task/alignment.ts";

export const createAlignment = (clock: Clock): AlignmentService => ({
  async *findPeak(search) {
    const { PeakSearching } = await import("./peak-search.ts");
    return yield* new PeakSearching(search, clock).run();
  },
  async *measureProfile(scan) {
    const { measuredProfile } = await import("./profile.ts");
    return yield* measuredProfile(scan, clock);
  },
});
