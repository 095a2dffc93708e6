// A pseudo-terminal for tests: its slave is a serial port for whoever opens it. By way of the C library; Linux.
import { closeSync, constants, openSync } from "node:fs";
import { createRequire } from "node:module";
import tty from "node:tty";
import { testWithLibrary } from "../../native.ts";

/** @throws where koffi or serialport, which are optional, are not installed, or this is no Linux */
function cLibrary() {
  const load = createRequire(import.meta.url);
  load.resolve("serialport");
  const c = (load("koffi") as typeof import("koffi")).load(null);
  const call = (name: string): ((argument: number) => number) => c.func(`int ${name}(int)`);
  return {
    grant: call("grantpt"),
    unlock: call("unlockpt"),
    nameOf: c.func("int ptsname_r(int, _Out_ char *, size_t)"),
  };
}

export interface Pty {
  /** As in /dev/pts/3. */
  readonly path: string;
  readonly master: tty.ReadStream & { write(bytes: Uint8Array): boolean };
  /** The cable is pulled: whoever has the slave open hears of it. */
  close(): void;
}

export function openPty(): Pty {
  const { grant, unlock, nameOf } = cLibrary();
  // Opened by Node, so that no program that a test starts inherits it.
  const fd = openSync("/dev/ptmx", constants.O_RDWR | constants.O_NOCTTY);
  if (grant(fd) !== 0 || unlock(fd) !== 0) throw new Error("no pseudo-terminal");
  const name = Buffer.alloc(64);
  nameOf(fd, name, name.length);
  const path = name.toString("latin1", 0, name.indexOf(0));
  // Held open, so that the line is not hung up while nobody else has it.
  const slave = openSync(path, constants.O_RDWR | constants.O_NOCTTY);
  const master = new tty.ReadStream(fd) as Pty["master"];
  master.setRawMode(true);
  let isOpen = true;
  return {
    path,
    master,
    close() {
      if (!isOpen) return;
      isOpen = false;
      master.destroy();
      closeSync(slave);
    },
  };
}

/** Tests that need one: skipped where there is no C library to ask. */
export const testOverPty = testWithLibrary("koffi", cLibrary);
