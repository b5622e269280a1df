/** Milliseconds of each of `count` calls, one after the other, after `warmUp` calls that are not counted. */
export async function latencies(count: number, warmUp: number, call: (at: number) => Promise<unknown>): Promise<number[]> {
  for (let at = 0; at < warmUp; at += 1) await call(at);
  const samples: number[] = [];
  for (let at = 0; at < count; at += 1) {
    const startedAt = performance.now();
    await call(warmUp + at);
    samples.push(performance.now() - startedAt);
  }
  return samples;
}

/** Calls a second that `concurrency` callers make together in `durationMs`. */
export async function throughput(concurrency: number, durationMs: number, call: (at: number) => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  let calls = 0;
  const caller = async (): Promise<void> => {
    while (performance.now() - startedAt < durationMs) await call((calls += 1));
  };
  await Promise.all(Array.from({ length: concurrency }, caller));
  return calls / ((performance.now() - startedAt) / 1000);
}
