// What focus_stacking_task works with; loaded when one runs, as no start of the machine is to wait for it.
export { calibrate, readCalibration, samplesOf, writeCalibration } from "./calibration.ts";
export { merge } from "./merge.ts";
export { Photos } from "./photos.ts";
export { Steps } from "./steps.ts";
export { workOf } from "./work.ts";
