// A runtime that moves its rotor for a long time, to be killed meanwhile. Its options are its argument.
import "../../../src/task/door/boot.mjs";

const { openDevices } = await import("../../../src/hardware/devices.ts");
const { parseProfile } = await import("../../../src/hardware/profile.ts");
const { systemClock } = await import("../../../src/lib/clock.ts");

const log = { debug: () => 0, info: () => 0, warn: () => 0, error: () => 0 };
const profile = parseProfile(`{"devices": {"rotor": ${process.argv[2]}}}`, "test.json");
const devices = await openDevices(profile, {
  ...{ clock: systemClock, log, root: process.cwd() },
  onChange: ({ angle_degrees: angle }) => {
    if (angle > 95) console.log("moving");
  },
});
await devices.get("rotor").moveTo(180);
