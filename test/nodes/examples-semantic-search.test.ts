import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import type { Engine, Json } from './support/engine-types.ts';
import type { ExampleServer } from './support/example-server.ts';
import { startExampleServer } from './support/example-server.ts';
import { jsonsOf, nodeNamed, readExample } from './support/examples.ts';
import { ScriptedOpenWebUi } from './support/scripted-open-webui.ts';

let server: ExampleServer;
let engine: Engine;

beforeAll(async () => {
  server = await startExampleServer();
  engine = server.engine;
}, 120_000);

afterAll(async () => await server.close());

async function search(query: Json): Promise<Json[]> {
  const result = await engine.run(await readExample('semantic-search.json'), { startNode: 'Webhook', inputItems: [{ json: { query } }] });
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
    const result = await engine.run(await readExample('semantic-search.json'), { startNode: 'Manual Trigger' });
    expect(jsonsOf(result, 'Result')[0]).toMatchObject({ id: 'warranty' });
  });

  it('does not answer another question when the request has none', async () => {
    const result = await engine.run(await readExample('semantic-search.json'), { startNode: 'Webhook', inputItems: [{ json: { query: {} } }] });
    expect(result.error).toMatchObject({ node: 'Embed and Compare', message: 'The field "Compare With" is empty' });
  });

  it('sends all rows and the question in one request', async () => {
    const scripted = await new ScriptedOpenWebUi().start();
    try {
      const workflow = await readExample('semantic-search.json');
      (nodeNamed(workflow, 'Embed and Compare').parameters['model'] as Json)['value'] = 'nomic-embed-text:latest';
      const result = await engine.run(workflow, { credential: { baseUrl: scripted.baseUrl, apiKey: scripted.apiKey } });
      expect(result.error).toBeUndefined();
      const sent = scripted.seen('POST', '/ollama/api/embed').map(({ body }) => (body as { input: string[] }).input);
      const { rows } = JSON.parse(String(nodeNamed(workflow, 'Table').parameters['jsonOutput'])) as { rows: { text: string }[] };
      expect(sent.map((texts) => texts.toSorted())).toEqual([[...rows.map(({ text }) => text), 'How long is the warranty?'].toSorted()]);
    } finally {
      await scripted.stop();
    }
  });
});
