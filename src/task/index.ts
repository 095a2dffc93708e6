// The authors' door: `import { Task, z, type In, type Ctx } from "armature/task"`.
export { z } from "zod";
export { writeDurably } from "../lib/durable-file.ts";
export type {
  AlignmentService,
  FoundPeak,
  MeasuredPlace,
  PeakSearch,
  Profile,
  ProfilePoint,
  ProfileScan,
  SearchAxis,
  SearchStep,
} from "./alignment.ts";
export { demand, isFocusable } from "./capabilities.ts";
export type { ChildOptions, Children } from "./children.ts";
export type { CloudDownload, CloudService, CloudTransfer, CloudUpload } from "./cloud.ts";
export type { Ask, AsyncContext, BlockingContext, Deadline, TaskFiles, TaskLog } from "./context.ts";
export type { DependencyOutcome } from "./dependencies.ts";
export type {
  Axis,
  AxisUnit,
  Capturing,
  Device,
  DeviceTypes,
  Focusable,
  Homeable,
  LinearAxis,
  LinearTravel,
  Measuring,
  Movable,
  Photo,
  RotaryAxis,
  RotaryTravel,
  Stoppable,
  Switchable,
  Triggerable,
} from "./devices.ts";
export type { FocusSearch, FocusStep, FoundFocus, MicroscopeService } from "./microscope.ts";
export type { ProgressUpdate } from "./progress.ts";
export type {
  FocusStack,
  FocusStackOptions,
  Movement,
  MoveRequest,
  PolarPoint,
  ScanFolder,
  ScanPathOptions,
  Services,
} from "./services.ts";
export { Cancelled, GiveUp, isCancelled, TryLater } from "./steering.ts";
export { type Ctx, type In, Task, type TaskDefinition } from "./task.ts";
