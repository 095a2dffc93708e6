// Every driver there is: what it takes in a profile, and where its code lies. The code loads when a profile names it.
import type { z } from "zod";
import type { Driver } from "./device.ts";
import { commandCameraOptions, gphoto2CameraOptions, mjpegCameraOptions } from "./drivers/camera/options.ts";
import { gcodeAxisOptions, gcodeLinearAxisOptions, gcodeSwitchOptions } from "./drivers/gcode/options.ts";
import {
  gpioAxisOptions,
  gpioLinearAxisOptions,
  gpioSwitchOptions,
  gpioTriggerOptions,
} from "./drivers/gpio/options.ts";
import { replayOptions } from "./drivers/replay/options.ts";
import {
  axisOptions,
  cameraOptions,
  lightOptions,
  linearAxisOptions,
  microscopeOptions,
  powerMeterOptions,
} from "./drivers/simulated/options.ts";

interface MenuEntry<Options extends z.ZodType> {
  readonly options: Options;
  load(): Promise<Driver<z.output<Options>>>;
}

const entry = <Options extends z.ZodType>(
  options: Options,
  load: () => Promise<Driver<z.output<Options>>>,
): MenuEntry<Options> => ({ options, load });

export const menu = {
  simulated_axis: entry(axisOptions, () => import("./drivers/simulated/axis.ts")),
  simulated_linear_axis: entry(linearAxisOptions, () => import("./drivers/simulated/linear-axis.ts")),
  simulated_light: entry(lightOptions, () => import("./drivers/simulated/light.ts")),
  simulated_camera: entry(cameraOptions, () => import("./drivers/simulated/camera.ts")),
  simulated_power_meter: entry(powerMeterOptions, () => import("./drivers/simulated/power-meter.ts")),
  simulated_microscope_camera: entry(microscopeOptions, () => import("./drivers/simulated/microscope.ts")),
  replay_camera: entry(replayOptions, () => import("./drivers/replay/camera.ts")),
  command_camera: entry(commandCameraOptions, () => import("./drivers/camera/command.ts")),
  gphoto2_camera: entry(gphoto2CameraOptions, () => import("./drivers/camera/gphoto2/camera.ts")),
  mjpeg_camera: entry(mjpegCameraOptions, () => import("./drivers/camera/mjpeg.ts")),
  gcode_axis: entry(gcodeAxisOptions, () => import("./drivers/gcode/axis.ts")),
  gcode_linear_axis: entry(gcodeLinearAxisOptions, () => import("./drivers/gcode/linear-axis.ts")),
  gcode_switch: entry(gcodeSwitchOptions, () => import("./drivers/gcode/switch.ts")),
  gpio_axis: entry(gpioAxisOptions, () => import("./drivers/gpio/axis.ts")),
  gpio_linear_axis: entry(gpioLinearAxisOptions, () => import("./drivers/gpio/linear-axis.ts")),
  gpio_switch: entry(gpioSwitchOptions, () => import("./drivers/gpio/switch.ts")),
  gpio_trigger: entry(gpioTriggerOptions, () => import("./drivers/gpio/trigger.ts")),
} as const;
