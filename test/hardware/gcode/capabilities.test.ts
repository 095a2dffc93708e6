import { capabilitiesKeepTheirPromises } from "../../contracts/capabilities.ts";
import { homedMachine } from "./machine.ts";

capabilitiesKeepTheirPromises("grbl", homedMachine);
