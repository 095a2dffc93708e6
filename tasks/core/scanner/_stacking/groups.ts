// Which photos of a scan belong together: scanNN_PPP_fsKK.jpg is the photo KK of the stack at position PPP. Names only.

export interface Group {
  /** As in the names, `007`. */
  readonly position: string;
  /** Names, in the order of their focus. */
  readonly photos: readonly string[];
}

export interface IncompleteGroup {
  readonly position: string;
  /** As in the names, `fs02`. */
  readonly missing: readonly string[];
}

export interface Groups {
  /** Of each photo of a complete stack, as in the names, `fs02`; in the order of their focus. */
  readonly focuses: readonly string[];
  readonly complete: readonly Group[];
  readonly incomplete: readonly IncompleteGroup[];
}

const photoName = /^scan\d+_(\d+)_(fs\d+)\.(?!tmp$)[a-z0-9]+$/;

/** A stack is complete when it has every focus that any stack has. @param names of a scan's folder, in any order */
export function groupsIn(names: readonly string[]): Groups {
  const positions = new Map<string, Map<string, string>>();
  for (const name of names) {
    const [, position, focus] = photoName.exec(name) ?? [];
    if (position === undefined || focus === undefined) continue;
    const group = positions.get(position) ?? new Map<string, string>();
    positions.set(position, group.set(focus, name));
  }
  const focuses = inOrder(new Set([...positions.values()].flatMap((group) => [...group.keys()])));
  const complete: Group[] = [];
  const incomplete: IncompleteGroup[] = [];
  for (const position of inOrder(positions.keys())) {
    const group = positions.get(position) as Map<string, string>;
    const missing = focuses.filter((focus) => !group.has(focus));
    if (missing.length > 0) incomplete.push({ position, missing });
    else complete.push({ position, photos: focuses.map((focus) => group.get(focus) as string) });
  }
  return { focuses, complete, incomplete };
}

const inOrder = (names: Iterable<string>): string[] =>
  [...names].sort((a, b) => Number(a.replace(/\D/g, "")) - Number(b.replace(/\D/g, "")));
