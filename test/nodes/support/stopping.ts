import { setTimeout as sleep } from 'node:timers/promises';

import type { Engine, Json, RunResult } from './engine-types.ts';
import type { NodeUse } from './every-node.ts';
import type { FaultyProxy } from './faulty-proxy.ts';
import type { ScriptedOpenWebUi } from './scripted-open-webui.ts';
import { chain, ourNode } from './workflows.ts';

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

/** Where a node is to be stopped: n8n's engine reaches the server through the proxy. */
export interface StoppingBench {
  engine: Engine;
  proxy: FaultyProxy;
  server: ScriptedOpenWebUi;
}

/** Stops a node, which has two items and another node after it, once its main request has met the fault of the proxy. */
export async function stopNode({ engine, proxy, server }: StoppingBench, use: NodeUse, more: Json = {}): Promise<RunResult> {
  const { parameters, item } = use.prepare(server, 600);
  const workflow = chain(ourNode(use.kind, parameters, more), ourNode('ListModels', { returnAll: true }, { name: 'After' }));
  return await stopWhen(() => proxy.spoilt.length > 0, engine.run(workflow, { inputItems: [item, item] }), engine);
}
