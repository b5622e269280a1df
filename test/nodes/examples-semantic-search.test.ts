import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import type { RunningRuntime } from '../support/runtime.ts';
import { startRuntime } from '../support/runtime.ts';
import { spawnEngine } from './support/engine-client.ts';
import type { Engine, Json } from './support/engine-types.ts';
import { jsonsOf, nodeNamed, readExample } from './support/examples.ts';
import { ScriptedOpenWebUi } from './support/scripted-open-webui.ts';

let runtime: RunningRuntime;
let engine: Engine;

beforeAll(async () => {
  runtime = await startRuntime();
  engine = await spawnEngine(runtime);
}, 120_000);

afterAll(async () => {
  await engine.close();
  await runtime.stop();
});

async function search(query: Json, startNode = 'Webhook'): Promise<Json[]> {
  const result = await engine.run(await readExample('semantic-search.json'), { startNode, inputItems: [{ json: { query } }] });
  expect(result.error).toBeUndefined();
  return jsonsOf(result, 'Result');
}

describe('The example of semantic search over a table', () => {
  it.each([
    ['How long does the warranty for a battery last?', 'warranty'],
    ['I forgot my password', 'password'],
    ['返品したいのですが、お金は戻りますか？', 'return-ja'],
    ['領収書はどこでダウンロードできますか？', 'invoice-ja'],
  ])('gives the three closest rows to "%s", the best first', async (question, best) => {
    const rows = await search({ q: question });
    expect(rows).toHaveLength(3);
    expect(rows[0]).toEqual({ id: best, text: expect.any(String) as unknown, similarity: expect.any(Number) as unknown });
    const similarities = rows.map(({ similarity }) => similarity as number);
    expect(similarities).toEqual(similarities.toSorted((a, b) => b - a));
    expect(similarities[0]).toBeGreaterThan(2 * (similarities[1] ?? 0));
  });

  it('asks its own question when it is run by hand', async () => {
    const [best] = await search({}, 'Manual Trigger');
    expect(best).toMatchObject({ id: 'warranty' });
  });

  it('sends all rows and the question in one request', async () => {
    const server = await new ScriptedOpenWebUi().start();
    try {
      const workflow = await readExample('semantic-search.json');
      (nodeNamed(workflow, 'Embed and Compare').parameters['model'] as Json)['value'] = 'nomic-embed-text:latest';
      const result = await engine.run(workflow, { credential: { baseUrl: server.baseUrl, apiKey: server.apiKey } });
      expect(result.error).toBeUndefined();
      const sent = server.seen('POST', '/ollama/api/embed').map(({ body }) => (body as { input: string[] }).input);
      const { rows } = JSON.parse(String(nodeNamed(workflow, 'Table').parameters['jsonOutput'])) as { rows: { text: string }[] };
      expect(sent.map((texts) => texts.toSorted())).toEqual([[...rows.map(({ text }) => text), 'How long is the warranty?'].toSorted()]);
    } finally {
      await server.stop();
    }
  });
});
