// How stored tasks of older schemas become today's. A step is added whenever the stored form changes.

/** Turns a stored task of one schema into one of the next. */
export type Migration = (task: unknown) => unknown;

/** The step at index 0 leads from schema 1 to 2, and so on: the current schema is one more than there are steps. */
export const migrations: readonly Migration[] = [withArtifactOrigins];

export const schemaOf = (steps: readonly Migration[]): number => steps.length + 1;

export function migrate<T>(task: unknown, from: number, steps: readonly Migration[]): T {
  return steps.slice(from - 1).reduce((older, step) => step(older), task) as T;
}

/** 1 -> 2: artifacts say what their content was and who wrote it. */
function withArtifactOrigins(task: unknown): unknown {
  const { record, ...rest } = task as { record: { artifacts: readonly object[] } };
  const artifacts = record.artifacts.map((artifact) => ({ hash: null, origin: null, ...artifact }));
  return { ...rest, record: { ...record, artifacts } };
}
