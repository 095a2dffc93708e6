// The processes of this machine as Linux shows them in /proc: who belongs to a child, and what they use. Elsewhere
// nothing is found. Plain JavaScript, so that the watching thread of a child runs it as it is.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";

/** What marks a child and whoever it starts, unless they throw their environment away. */
export const markName = "ARMATURE_CHILD";

/** From -1000, never, to 1000, always first. */
const goesFirst = 500;

/** /proc counts time in these, whatever the kernel's own clock does. */
const ticksPerSecond = 100;

/**
 * @typedef {object} ProcessStat
 * @property {boolean} isAlive false for one that waits to be reaped
 * @property {number} parent
 * @property {number} group
 * @property {number} session
 * @property {string} startedAt clock ticks since the machine's boot
 * @property {number} cpuSeconds its own, and that of children it has reaped
 */

/**
 * @typedef {object} Ended a process that was told to end
 * @property {number} pid
 * @property {string} startedAt
 */

/**
 * `pid (name) state ppid pgrp session …`; the name may hold spaces and brackets.
 * @param {number} pid
 * @returns {ProcessStat | null}
 */
export function statOf(pid) {
  const text = read(`/proc/${pid}/stat`);
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  if (!fields[0] || !fields[19]) return null;
  const [state, parent, group, session] = fields;
  const ticks = fields.slice(11, 15).reduce((sum, used) => sum + Number(used), 0);
  return {
    isAlive: state !== "Z" && state !== "X",
    parent: Number(parent),
    group: Number(group),
    session: Number(session),
    startedAt: fields[19],
    cpuSeconds: ticks / ticksPerSecond,
  };
}

/**
 * What it holds of the machine's memory, in bytes.
 * @param {number} pid
 */
export function memoryOf(pid) {
  const kib = /^VmRSS:\s+(\d+) kB/m.exec(read(`/proc/${pid}/status`))?.[1];
  return Number(kib ?? 0) * 1024;
}

/**
 * Those it started, those they started, and so on: quick, but blind to whoever lost the parent in between.
 * @param {number} pid
 * @returns {number[]}
 */
export function descendantsOf(pid) {
  const found = names(`/proc/${pid}/task`)
    .flatMap((thread) => read(`/proc/${pid}/task/${thread}/children`).split(" "))
    .filter((child) => child !== "")
    .map(Number);
  return found.flatMap((child) => [child, ...descendantsOf(child)]);
}

/**
 * Ends whoever belongs to a child: of its session or group, or carrying its mark, but not the calling process. Looks at
 * one process at each step, so that a caller may do other things in between, and yields those that still lived: they
 * die soon, but not at once. Who was just born shows up in the next round.
 * @param {number} pid of the child, which leads its session and group
 * @param {string} mark
 * @param {number} since its `startedAt`
 * @returns {Generator<Ended | null, void, void>}
 */
export function* endMembers(pid, mark, since) {
  const leader = statOf(pid);
  // A number is given away again once no session and no group has it.
  const isOurs = leader === null || Number(leader.startedAt) === since;
  for (const name of names("/proc")) {
    const other = Number(name);
    if (!Number.isInteger(other) || other === process.pid) continue;
    const stat = statOf(other);
    const belongs =
      stat?.isAlive &&
      Number(stat.startedAt) >= since &&
      ((isOurs && (stat.session === pid || stat.group === pid)) || carries(other, `${markName}=${mark}`));
    if (belongs) kill(other);
    yield belongs ? { pid: other, startedAt: stat.startedAt } : null;
  }
}

/**
 * Ends the child, its group and all it started, as far as that can be seen from here at once.
 * @param {number} pid
 * @returns {Ended[]} the others
 */
export function endTree(pid) {
  const others = descendantsOf(pid).map((other) => ({
    pid: other,
    startedAt: statOf(other)?.startedAt ?? "",
  }));
  // The group first: nobody in it sees another one die. Where there are no groups (Windows), the child alone.
  if (!kill(-pid)) kill(pid);
  for (const other of others) kill(other.pid);
  return others;
}

/**
 * Told to end, but not gone yet.
 * @param {Ended} process
 */
export function isDying({ pid, startedAt }) {
  const stat = statOf(pid);
  return stat?.isAlive === true && stat.startedAt === startedAt;
}

/**
 * @param {number} pid
 * @returns {boolean} whether there was somebody to end
 */
function kill(pid) {
  try {
    process.kill(pid, "SIGKILL");
    return true;
  } catch {
    return false;
  }
}

/**
 * @param {number} pid
 * @param {string} variable
 */
function carries(pid, variable) {
  return read(`/proc/${pid}/environ`).split("\0").includes(variable);
}

/**
 * A process may end between two looks, or belong to somebody else: then there is nothing to read.
 * @param {string} file
 */
function read(file) {
  try {
    return readFileSync(file, "latin1");
  } catch {
    return "";
  }
}

/** @param {string} directory */
function names(directory) {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}

/** Where memory runs out, the system ends this process, and those it starts, before the one that has started it. */
export function goFirst() {
  const file = "/proc/self/oom_score_adj";
  const current = read(file);
  if (current === "" || Number(current) >= goesFirst) return;
  try {
    writeFileSync(file, String(goesFirst));
  } catch {
    // A system that does not let it chooses for itself.
  }
}
