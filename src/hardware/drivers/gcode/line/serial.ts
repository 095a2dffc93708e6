// A controller on a serial port, over the optional package serialport.
import { RuntimeError } from "../../../../errors/runtime-error.ts";
import { type ControllerError, failed } from "../controller-error.ts";
import { type Line, LineCutter, type LineListener } from "./line.ts";

/** @throws OPTIONAL_PACKAGE_MISSING, DEVICE_FAILED where the port is not there, is taken or may not be used */
export async function openSerial(path: string, baudRate: number, listener: LineListener): Promise<Line> {
  const { SerialPort } = await import("serialport").catch((error: Error) => {
    throw new RuntimeError("OPTIONAL_PACKAGE_MISSING", { name: "serialport", problem: error.message });
  });
  const port = new SerialPort({ path, baudRate, autoOpen: false });
  await new Promise<void>((resolve, reject) => {
    port.open((error) => (error ? reject(refusal(path, error.message)) : resolve()));
  });
  let isOpen = true;
  const lost = (problem: string): void => {
    if (isOpen) listener.lost(problem);
    isOpen = false;
  };
  const cutter = new LineCutter((text) => isOpen && listener.heard(text));
  port.on("data", (bytes: Buffer) => cutter.push(bytes));
  port.on("error", (error) => lost(error.message));
  port.on("close", (error: Error | null) => lost(error?.message ?? "the port was closed"));
  return {
    write(text) {
      if (port.isOpen) port.write(Buffer.from(text, "latin1"));
    },
    async close() {
      isOpen = false;
      if (!port.isOpen) return;
      // What was written last, as a stop, still leaves; a port that is gone cannot be drained or closed.
      await new Promise((done) => port.drain(done));
      await new Promise((done) => port.close(done));
    },
  };
}

function refusal(path: string, message: string): ControllerError {
  const known = remedies.find(([pattern]) => pattern.test(message));
  const remedy = known?.[1] ?? "Check the cable and the port in the profile.";
  return failed(
    `the serial port ${path} cannot be opened: ${message}`,
    `${remedy} Then POST /devices/{device}/reconnect.`,
  );
}

const remedies: readonly (readonly [RegExp, string])[] = [
  [/no such file/i, "Plug the controller in and look for its port in /dev/serial/by-id."],
  [
    /permission denied|access denied/i,
    "Add the user to the group of the port: sudo usermod -aG dialout $USER, and log in again.",
  ],
  [/cannot lock|busy|temporarily unavailable/i, "Another program uses the port: end it."],
];
