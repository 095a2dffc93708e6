// What the settings mean to the registry and to the engine, which have words of their own.
import type { Limits } from "./engine/ports.ts";
import { getOrMake } from "./lib/get-or-make.ts";
import type { Firmware } from "./settings/firmware.ts";

export function discoveryOf(firmware: Firmware) {
  return {
    enabled: firmware.task_autodiscovery_enabled,
    folders: firmware.task_autodiscovery_folders,
    includeSubfolders: firmware.task_autodiscovery_include_subfolders,
    ignoreModules: firmware.task_autodiscovery_ignore_modules,
    overrideOnConflict: firmware.task_autodiscovery_override_on_conflict,
    requiredCoreTasks: firmware.required_core_tasks,
    trusted: firmware.trusted_task_files,
    inspection: {
      timeoutSeconds: firmware.task_inspection_timeout_seconds,
      memoryMb: firmware.task_inspection_memory_mb,
    },
  };
}

const limitsBySettings = new WeakMap<Firmware, Limits>();

/** Every submit asks for them, and settings are replaced, never changed. */
export const limitsOf = (firmware: Firmware): Limits =>
  getOrMake(limitsBySettings, firmware, () => readLimits(firmware));

function readLimits(firmware: Firmware): Limits {
  const { limits, retention } = firmware;
  return {
    maxConcurrentTasks: limits.max_concurrent_tasks,
    blockingWorkers: limits.blocking_workers,
    capacities: limits.capacities,
    defaultTimeoutSeconds: limits.default_timeout_seconds,
    cancelGraceSeconds: limits.cancel_grace_seconds,
    stallSeconds: limits.stall_seconds,
    maxFinishedTasks: retention.max_finished_tasks,
    maxFinishedAgeHours: retention.max_finished_age_hours,
    clearHistoryOnShutdown: retention.clear_history_on_shutdown,
    singleTaskMode: limits.single_task_mode,
    refusesClaimedDevices: firmware.devices.when_claimed === "refuse",
    pauseAfterInterruptedHardware: firmware.pause_queue_after_interrupted_hardware,
  };
}
