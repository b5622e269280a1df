import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';

import { openBench } from './support/bench.ts';
import type { Json, RunResult } from './support/engine-types.ts';
import { everyNode } from './support/every-node.ts';
import type { NodeUse } from './support/every-node.ts';
import { FaultyProxy } from './support/faulty-proxy.ts';
import { stopNode, stopWhen } from './support/stopping.ts';
import { chain, locator, ourNode } from './support/workflows.ts';

/** The nodes end within some milliseconds (`npm run bench -- cancel`); the rest is for a machine with other work. */
const PROMPT_MS = 1000;

let proxy: FaultyProxy;
const bench = openBench(async ({ baseUrl }) => {
  proxy = await new FaultyProxy(baseUrl).start();
  return { baseUrl: proxy.baseUrl };
});
const { server } = bench;

// The first run loads n8n's modules.
beforeAll(async () => void (await bench.engine.run(chain(ourNode('ListModels', { returnAll: true })))));
afterAll(async () => await proxy.stop());
beforeEach(() => proxy.reset());

const stop = async (use: NodeUse, more: Json = {}): Promise<RunResult> => await stopNode({ engine: bench.engine, proxy, server }, use, more);

function expectPrompt(result: RunResult): void {
  expect(result.status).toBe('canceled');
  expect(result.nodes).not.toHaveProperty('After');
  expect(result.stoppedAfterMs).toBeLessThan(PROMPT_MS);
}

describe.each(everyNode)('Stopping an execution while $kind', (use) => {
  it('waits for an answer ends it at once', async () => {
    proxy.spoil(use.request, { kind: 'silence' });
    expectPrompt(await stop(use));
    expect(proxy.spoilt).toHaveLength(1);
  });

  it('waits before it tries again ends it at once, also when the node is to continue after errors', async () => {
    proxy.spoil(use.request, { kind: 'answer', status: 429, body: { detail: 'Busy' }, headers: { 'retry-after': '30' } });
    expectPrompt(await stop(use, { onError: 'continueRegularOutput' }));
    expect(proxy.spoilt).toHaveLength(1);
  });
});

describe('Stopping an execution', () => {
  it.each(['UploadFile', 'AddToKnowledge'])('ends %s at once while it waits for a file to be processed', async (kind) => {
    server.processingMs = 60_000;
    const use = everyNode.find((one) => one.kind === kind) as NodeUse;
    const { parameters, item } = use.prepare(server, 600);
    const { id } = server.addFile('slow.txt', 'Slow.', { data: { status: 'pending' }, readyAt: Date.now() + 60_000 });
    const workflow = chain(ourNode(kind, { ...parameters, fileId: id }));
    const looks = () => server.requests.filter(({ path }) => path.endsWith('/process/status')).length;
    expectPrompt(await stopWhen(() => looks() > 1, bench.engine.run(workflow, { inputItems: [item] }), bench.engine));
  });

  it('ends a streamed chat at once while the model is silent', async () => {
    const event = `data: ${JSON.stringify({ choices: [{ index: 0, delta: { content: 'Two' } }] })}\n\n`;
    proxy.spoil(/completions/, { kind: 'stall', beginning: event });
    const node = ourNode('ChatCompletion', { model: locator('id', 'gpt-test'), prompt: 'Hello' });
    const result = await stopWhen(() => proxy.spoilt.length > 0, bench.engine.run(chain(node), { streaming: true }), bench.engine, 1000);
    expect(result.chunks.map(({ content }) => content)).toContain('Two');
    expectPrompt(result);
  });
});
