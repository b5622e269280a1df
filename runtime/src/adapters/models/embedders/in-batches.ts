/**
 * Runs `work` over slices of `items`, `concurrency` at a time, and joins the results in order. The first failure ends the
 * others through the signal that `work` gets, and is thrown.
 */
export async function inBatches<T, R>(
  items: readonly T[],
  options: { batchSize: number; concurrency: number; signal: AbortSignal },
  work: (batch: readonly T[], signal: AbortSignal) => Promise<R[]>,
): Promise<R[]> {
  const batchCount = Math.ceil(items.length / options.batchSize);
  const results: R[][] = [];
  const failure = new AbortController();
  const signal = AbortSignal.any([options.signal, failure.signal]);
  let next = 0;
  const run = async (): Promise<void> => {
    while (next < batchCount) {
      signal.throwIfAborted();
      const batch = next;
      next += 1;
      results[batch] = await work(items.slice(batch * options.batchSize, (batch + 1) * options.batchSize), signal);
    }
  };
  let firstError: { error: unknown } | null = null;
  const runners = Array.from({ length: Math.min(options.concurrency, batchCount) }, () =>
    run().catch((error: unknown) => {
      firstError ??= { error };
      failure.abort(error);
    }),
  );
  await Promise.all(runners);
  if (firstError !== null) throw (firstError as { error: unknown }).error;
  return results.flat();
}
