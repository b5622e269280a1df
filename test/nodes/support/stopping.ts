import { setTimeout as sleep } from 'node:timers/promises';

import type { Engine, RunResult } from './engine-types.ts';

const TICK_MS = 10;
const LONGEST_WAIT_MS = 30_000;

/**
 * Stops a run in the middle, as a user would: `afterMs` after it has come to where the test wants it, by when the node
 * has what the server sent. Throws when the run does not get there.
 */
export async function stopWhen(isThere: () => boolean, running: Promise<RunResult>, engine: Engine, afterMs = 100): Promise<RunResult> {
  const deadline = performance.now() + LONGEST_WAIT_MS;
  while (!isThere()) {
    if (performance.now() > deadline) throw new Error('The run did not get to where it was to be stopped');
    await sleep(TICK_MS);
  }
  await sleep(afterMs);
  await engine.stop();
  return await running;
}
