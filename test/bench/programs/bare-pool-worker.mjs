// What a thread of the bare pool runs.
import { spin } from "../tasks/_spin.mjs";

export default (rounds) => spin(rounds);
