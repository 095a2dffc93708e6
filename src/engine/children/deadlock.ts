// Whether a task can still end, from what each task waits for. Pure.

/** What has to end before a task can: of each group one. Empty where it waits for nobody. */
export type Groups = readonly (readonly string[])[];

/**
 * The way from a task to what keeps it from ever ending; null where it can end.
 * @param held those that cannot end before it has
 */
export function wayToDeadlock(
  id: string,
  held: ReadonlySet<string>,
  waitsFor: (id: string) => Groups,
): string[] | null {
  const known = new Map<string, Groups>();
  const open = [id];
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    if (held.has(at) || known.has(at)) continue;
    const groups = waitsFor(at);
    known.set(at, groups);
    open.push(...groups.flat());
  }
  const free = freeAmong(known);
  return free.has(id) ? null : wayFrom(id, held, known, free);
}

/** Those who can end: whatever each waits for can. Whoever waits in a circle never comes in. */
function freeAmong(known: ReadonlyMap<string, Groups>): ReadonlySet<string> {
  const free = new Set<string>();
  // Those found last stand at the end of long ways: seen from there one round does for most.
  const fromTheEnd = [...known].reverse();
  for (let before = -1; before < free.size; ) {
    before = free.size;
    for (const [id, groups] of fromTheEnd)
      if (groups.every((group) => group.some((other) => free.has(other)))) free.add(id);
  }
  return free;
}

function wayFrom(
  id: string,
  held: ReadonlySet<string>,
  known: ReadonlyMap<string, Groups>,
  free: ReadonlySet<string>,
): string[] {
  const way = [id];
  for (let at = id; !held.has(at); ) {
    const stuck = known.get(at)?.find((group) => !group.some((other) => free.has(other)));
    const next = stuck?.[0];
    if (next === undefined || way.includes(next)) break;
    way.push(next);
    at = next;
  }
  return way;
}
