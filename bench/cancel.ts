import { spawnEngine } from '../test/nodes/support/engine-client.ts';
import { everyNode } from '../test/nodes/support/every-node.ts';
import type { Fault } from '../test/nodes/support/faulty-proxy.ts';
import { FaultyProxy } from '../test/nodes/support/faulty-proxy.ts';
import { ScriptedOpenWebUi } from '../test/nodes/support/scripted-open-webui.ts';
import { stopNode } from '../test/nodes/support/stopping.ts';
import { chain, ourNode } from '../test/nodes/support/workflows.ts';
import { median, round } from './statistics.ts';
import { printTable } from './table.ts';

/** What a node waits for when it is stopped. */
const WAITS: ReadonlyArray<{ name: string; fault: Fault }> = [
  { name: 'an answer', fault: { kind: 'silence' } },
  { name: 'its next try', fault: { kind: 'answer', status: 429, body: { detail: 'Busy' }, headers: { 'retry-after': '30' } } },
];

/**
 * How long the nodes take to end in n8n's engine after the execution was stopped (run `npm run build:nodes` first). Throws when
 * one ends otherwise than as canceled.
 */
export async function benchCancel({ runs }: { runs: number }): Promise<void> {
  const server = await new ScriptedOpenWebUi().start();
  const proxy = await new FaultyProxy(server.baseUrl).start();
  const engine = await spawnEngine({ baseUrl: proxy.baseUrl, apiKey: server.apiKey });
  const rows: string[][] = [];
  try {
    // The first run loads n8n's modules.
    await engine.run(chain(ourNode('ListModels', { returnAll: true })));
    for (const use of everyNode) {
      for (const { name, fault } of WAITS) {
        const times: number[] = [];
        for (let run = 0; run < runs; run++) {
          server.reset();
          proxy.reset();
          proxy.spoil(use.request, fault);
          const { status, stoppedAfterMs } = await stopNode({ engine, proxy, server }, use);
          if (status !== 'canceled' || stoppedAfterMs === undefined) throw new Error(`${use.kind} ended as ${status}`);
          times.push(stoppedAfterMs);
        }
        rows.push([use.kind, name, round(median(times)), round(Math.max(...times))]);
      }
    }
  } finally {
    await engine.close();
    await proxy.stop();
    await server.stop();
  }
  printTable(`From stopping an execution to its end, ${runs} runs each`, ['node', 'waits for', 'median ms', 'longest ms'], rows);
}
