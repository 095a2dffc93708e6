// From the opening of a line to its loss: who is at its other end, and whose turn it is.
import type { Clock } from "../../../lib/clock.ts";
import { deferred } from "../../../lib/deferred.ts";
import type { Logger } from "../../../lib/logger.ts";
import { ControllerError, failed } from "./controller-error.ts";
import type { Firmware, Surroundings } from "./firmware.ts";
import { Grbl } from "./grbl/grbl.ts";
import type { Line } from "./line/line.ts";
import { openSerial } from "./line/serial.ts";
import { openTcp } from "./line/tcp.ts";
import { Marlin } from "./marlin/marlin.ts";
import type { ControllerOptions } from "./options.ts";
import { Turns } from "./turns.ts";

export interface Session {
  readonly firmware: Firmware;
  readonly turns: Turns;
  readonly line: Line;
}

const reconnecting =
  "Check its cable and power; it is tried again by itself, and by POST /devices/{device}/reconnect.";

/**
 * @param on `gone` is for the time after it is open
 * @throws DEVICE_FAILED, DEVICE_TIMEOUT, OPTIONAL_PACKAGE_MISSING; then the line is closed
 */
export async function openSession(
  options: ControllerOptions,
  clock: Clock,
  log: Logger,
  on: Pick<Surroundings, "changed" | "gone">,
): Promise<Session> {
  const { port, baud_rate, timeout_seconds: timeoutSeconds } = options;
  const lost = deferred<never>();
  lost.promise.catch(() => undefined);
  const gone = (error: ControllerError): void => {
    lost.reject(error);
    on.gone(error);
  };
  let firmware: Firmware | null = null;
  const listener = {
    heard: (text: string) => firmware?.heard(text),
    lost: (problem: string) => gone(failed(`the connection to ${port} was lost: ${problem}`, reconnecting)),
  };
  const line = await (port.startsWith("tcp:")
    ? openTcp(port, listener)
    : openSerial(port, baud_rate, listener));
  const write = (text: string): void => line.write(text);
  const noise = (text: string): void =>
    log.warn({ port, text: JSON.stringify(text) }, "a controller said something that is no answer");
  const around = { clock, log, timeoutSeconds, write, noise, gone, changed: on.changed };
  firmware = options.firmware === "grbl" ? new Grbl(around) : new Marlin(around);
  try {
    await Promise.race([firmware.start(), lost.promise]);
  } catch (error) {
    firmware.end(error instanceof ControllerError ? error : failed(String(error), reconnecting));
    await line.close();
    throw error;
  }
  return { firmware, turns: new Turns(clock, firmware), line };
}
