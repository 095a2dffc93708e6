// Schedules at the mercy of chance: a clock that is set, power that goes, a disk that refuses. The seed is printed.
import { expect, test } from "vitest";
import { Calendar } from "../../../src/engine/schedules/calendar.ts";
import { isoTime } from "../../../src/lib/clock.ts";
import { below, randomOf } from "../../random.ts";
import { day, hour, minute, ScheduleWorld, second } from "./world.ts";

const seed = Number(process.env.ARMATURE_TEST_SEED ?? Math.floor(Math.random() * 2 ** 31));
console.log(`schedules by chance: seed ${seed}`);

const zone = "Europe/Berlin";
const lines = ["0 * * * *", "30 2,14 * * *", "15 */3 * * *", "0 6 * * MON"];

/** Every time a line fell due up to `until`. */
function duesOf(line: string, after: number, until: number): string[] {
  const calendar = new Calendar();
  const dues: string[] = [];
  for (
    let at = calendar.next(line, zone, after);
    at !== null && at <= until;
    at = calendar.next(line, zone, at)
  )
    dues.push(isoTime(at));
  return dues;
}

test(`each time brings at most one task, and with catch_up all none is lost (seed ${seed})`, async () => {
  const random = randomOf(seed);
  const start = Date.parse(random() < 0.5 ? "2026-03-27T00:00:00Z" : "2026-10-23T00:00:00Z");
  let world = await ScheduleWorld.open(isoTime(start));
  const made = [];
  for (const cron of lines)
    for (const catch_up of ["skip", "once", "all"] as const) {
      const overlap = catch_up === "all" ? "allow" : "skip";
      made.push(await world.create({ cron, time_zone: zone, catch_up, overlap }));
    }
  let furthest = start;
  const look = (): void => {
    furthest = Math.max(furthest, world.clock.now());
  };
  for (let step = 0; step < 40; step++) {
    const chance = random();
    if (chance < 0.15) world.clock.set(world.clock.now() + (random() - 0.5) * 3 * day);
    else if (chance < 0.3) {
      world.store.losesNotes = random() < 0.5;
      await world.pass(below(random, 8 * hour), 20 * minute);
      look();
      world.store.losesNotes = false;
      world.engine.store.recover();
      world = await world.reboot((random() - 0.3) * 2 * day);
    } else if (chance < 0.4) world.engine.store.refuses = true;
    else {
      world.engine.store.recover();
      await world.pass(1 + below(random, 8 * hour), 20 * minute);
    }
    look();
    await world.pass(below(random, 2) * minute, 10 * second);
    look();
  }
  world.engine.store.recover();
  await world.pass(furthest - world.clock.now() + minute, hour);

  for (const { id, cron, catch_up } of made) {
    const fired = world.firedFor(id).toSorted();
    const due = duesOf(cron ?? "", start, world.clock.now());
    expect(new Set(fired).size, `${cron} ${catch_up} fired no time twice`).toBe(fired.length);
    expect(
      fired.filter((at) => !due.includes(at)),
      `${cron} ${catch_up} fired for no other time`,
    ).toEqual([]);
    if (catch_up === "all") expect(fired, `${cron} lost nothing`).toEqual(due);
    expect(world.schedules.get(id).fired, `${cron} ${catch_up} counted them`).toBe(fired.length);
  }
}, 60_000);
