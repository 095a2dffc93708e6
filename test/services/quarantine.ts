// Where damaged documents of a test go.
import { systemClock } from "../../src/lib/clock.ts";
import { Quarantine } from "../../src/store/quarantine.ts";
import { quiet } from "../quiet.ts";

export const quarantineIn = (directory: string): Quarantine =>
  new Quarantine({ directory, clock: systemClock, logger: quiet });
