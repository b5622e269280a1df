import { beforeEach, describe, expect, it } from '@jest/globals';

import { openBench } from './support/bench.ts';
import type { Json, RunResult, WorkflowFile } from './support/engine-types.ts';
import { everyNode } from './support/every-node.ts';
import type { NodeUse } from './support/every-node.ts';
import { stopWhen } from './support/stopping.ts';
import { chain, ourNode } from './support/workflows.ts';

const bench = openBench();
const { server } = bench;

/** Add to Knowledge sends many items in one request instead. */
const paced = everyNode.filter(({ kind }) => kind !== 'AddToKnowledge');

/** When the main requests of a node came, in milliseconds. */
const askedAt: number[] = [];
beforeEach(() => void (askedAt.length = 0));

function prepare(use: NodeUse, options: Json, count: number): { workflow: WorkflowFile; inputItems: { json: Json }[] } {
  const { parameters, item } = use.prepare(server, 60);
  server.onRequest = ({ method, path }) => void (use.request.test(`${method} ${path}`) && askedAt.push(performance.now()));
  // Each item is a request of its own.
  const own = use.kind === 'OllamaEmbed' ? { batchSize: 1 } : use.kind === 'UploadFile' ? { ifSameContent: 'upload' } : {};
  const node = ourNode(use.kind, { ...parameters, options: { ...(parameters['options'] as Json), ...own, ...options } });
  const inputItems = Array.from({ length: count }, (_, index) => ({ ...item, json: { ...item.json, index } }));
  return { workflow: chain(node), inputItems };
}

async function run(use: NodeUse, options: Json, count: number): Promise<RunResult> {
  const { workflow, inputItems } = prepare(use, options, count);
  return await bench.engine.run(workflow, { inputItems });
}

describe('Sync with a pause', () => {
  it('does not wait after items that it has nothing to send for', async () => {
    const items = ['a', 'b', 'c'].map((name) => ({ json: {}, files: { data: { fileName: `${name}.txt`, mimeType: 'text/plain', text: name } } }));
    for (const { files } of items) server.addFile(files.data.fileName, files.data.text);
    const result = await bench.engine.run(chain(ourNode('UploadFile', { operation: 'sync', options: { pause: 600, concurrency: 1 } })), { inputItems: items });
    expect(result.nodes['UploadFile']?.items.map(({ json }) => json['change'])).toEqual(['unchanged', 'unchanged', 'unchanged']);
  });
});

describe.each(paced)('$kind with a pause', (use) => {
  it('waits after each item before it begins the next', async () => {
    const { error } = await run(use, { pause: 0.4, concurrency: 1 }, 3);
    expect(error).toBeUndefined();
    const gaps = askedAt.slice(1).map((time, index) => time - (askedAt[index] ?? 0));
    expect(gaps).toHaveLength(2);
    // A timer of Node may be a millisecond early.
    for (const gap of gaps) expect(gap).toBeGreaterThan(395);
  });

  it('does not wait after the last items, of which as many are begun at once as was asked for', async () => {
    const { error } = await run(use, { pause: 600, concurrency: 3 }, 3);
    expect(error).toBeUndefined();
    expect(askedAt).toHaveLength(3);
  });

  it('ends in the middle of it when the execution is stopped', async () => {
    const { workflow, inputItems } = prepare(use, { pause: 600, concurrency: 1 }, 2);
    const result = await stopWhen(() => askedAt.length === 1, bench.engine.run(workflow, { inputItems }), bench.engine, 1000);
    expect(result.status).toBe('canceled');
    expect(askedAt).toHaveLength(1);
  });
});
