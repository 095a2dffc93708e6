// Drives the four shapes of `run` to their end: a value, a promise, a generator, an async generator.

type AnyGenerator = Generator<unknown, unknown, void> | AsyncGenerator<unknown, unknown, void>;
type OnYield = (value: unknown) => void | Promise<void>;

/**
 * What `run` has come to, or a promise of it, which resolves or rejects when the code has really ended. A generator is
 * always run to its end: what `onYield` throws is thrown into it at the yield, and whatever it yields afterwards in its
 * `finally` is served as before.
 * @param onYield answers a promise only where the generator has to wait
 */
export const drive = (returned: unknown, onYield: OnYield): unknown =>
  isGenerator(returned) ? toItsEnd(returned, onYield) : returned;

async function toItsEnd(returned: AnyGenerator, onYield: OnYield): Promise<unknown> {
  const isAsync = Symbol.asyncIterator in returned;
  let step = await returned.next();
  while (!step.done) {
    let refused: { error: unknown } | null = null;
    try {
      const wait = onYield(step.value);
      if (wait) await wait;
    } catch (error) {
      refused = { error };
    }
    const next = refused ? returned.throw(refused.error) : returned.next();
    step = isAsync ? await next : (next as IteratorResult<unknown, unknown>);
  }
  return step.value;
}

function isGenerator(value: unknown): value is AnyGenerator {
  if (typeof value !== "object" || value === null) return false;
  if (!(Symbol.asyncIterator in value || Symbol.iterator in value)) return false;
  const { next, throw: raise } = value as Partial<AnyGenerator>;
  return typeof next === "function" && typeof raise === "function";
}
