import { describe, expect, it } from '@jest/globals';

import { openBench } from './support/bench.ts';
import type { Json, RunResult } from './support/engine-types.ts';
import { chain, locator, ourNode } from './support/workflows.ts';

const EMBED = '/ollama/api/embed';
const bench = openBench(({ baseUrl }) => ({ baseUrl: `${baseUrl}/ollama/` }));
const { server } = bench;

async function embed(items: Json[], parameters: Json = {}, more: Json = {}): Promise<RunResult> {
  const all = { model: locator('id', 'nomic-embed-text:latest'), ...parameters };
  return await bench.engine.run(chain(ourNode('OllamaEmbed', all, more)), { inputItems: items.map((json) => ({ json })) });
}

const outputs = (result: RunResult): Json[] => (result.nodes['OllamaEmbed']?.items ?? []).map(({ json }) => json);
const batches = (): unknown[] => server.seen('POST', EMBED).map(({ body }) => (body as Json)['input']);
const texts = (count: number): Json[] => Array.from({ length: count }, (_, index) => ({ text: 'x'.repeat(index + 1) }));

describe('Ollama Embed', () => {
  it('puts the vector beside the fields of the item', async () => {
    const result = await embed([{ text: 'abc', row: 1 }]);
    expect(outputs(result)).toEqual([{ text: 'abc', row: 1, embedding: [0.03, 0.04, 0.05, 0.06] }]);
  });

  it('sends the texts of all items in batches and keeps their order', async () => {
    const result = await embed(texts(5), { output: 'embeddingOnly', options: { batchSize: 2 } });
    expect(batches()).toEqual([['x', 'xx'], ['xxx', 'xxxx'], ['xxxxx']]);
    expect(outputs(result).map(({ embedding }) => (embedding as number[])[0])).toEqual([0.01, 0.02, 0.03, 0.04, 0.05]);
    expect(result.nodes['OllamaEmbed']?.items.map(({ pairedItem }) => pairedItem)).toEqual([0, 1, 2, 3, 4].map((item) => ({ item })));
  });

  it('sends 64 texts at once by default', async () => {
    await embed(texts(65));
    expect(batches().map((batch) => (batch as string[]).length)).toEqual([64, 1]);
  });

  it.each([1, 3])('has %i requests under way when told so', async (concurrency) => {
    server.script('POST', EMBED, { status: 200, body: { embeddings: [[1, 2]] }, delayMs: 200 });
    const result = await embed(texts(4), { output: 'embeddingOnly', options: { batchSize: 1, concurrency } });
    expect(outputs(result)).toHaveLength(4);
    expect(server.mostAtOnce).toBe(concurrency);
  });

  it('leaves the fields of the item out, or puts the vector into a field of another name', async () => {
    expect(outputs(await embed([{ text: 'abc', row: 1 }], { output: 'embeddingOnly' }))).toEqual([{ embedding: [0.03, 0.04, 0.05, 0.06] }]);
    expect(outputs(await embed([{ text: 'a', row: 1 }], { options: { outputField: 'vector' } }))).toEqual([{ text: 'a', row: 1, vector: [0.01, 0.02, 0.03, 0.04] }]);
  });

  it('passes the files of the item on with its fields', async () => {
    const files = { data: { fileName: 'a.txt', mimeType: 'text/plain', text: 'a' } };
    const binaryOf = async (output: string): Promise<unknown> => {
      const node = ourNode('OllamaEmbed', { model: locator('id', 'nomic-embed-text:latest'), output });
      const result = await bench.engine.run(chain(node), { inputItems: [{ json: { text: 'a' }, files }] });
      return result.nodes['OllamaEmbed']?.items[0]?.binary;
    };
    expect(await binaryOf('addToItem')).toMatchObject({ data: { fileName: 'a.txt' } });
    expect(await binaryOf('embeddingOnly')).toBeUndefined();
  });

  it('embeds a list of texts in one item', async () => {
    const result = await embed([{ texts: ['a', 'bb'] }], { inputType: 'list', output: 'embeddingOnly', options: { outputField: 'vectors' } });
    expect(outputs(result)).toEqual([{ vectors: [[0.01, 0.02, 0.03, 0.04], [0.02, 0.03, 0.04, 0.05]] }]);
  });

  it('sends the options in the words of Ollama', async () => {
    await embed([{ text: 'a' }], { options: { dimensions: 2, truncate: false, keepAlive: '-1' } });
    expect(server.seen('POST', EMBED)[0]?.body).toEqual({
      model: 'nomic-embed-text:latest', input: ['a'], dimensions: 2, truncate: false, keep_alive: -1,
    });
  });

  it('leaves out what an expression left blank', async () => {
    await embed([{ text: 'a' }], { options: { dimensions: '={{ $json.none }}', keepAlive: '={{ null }}', batchSize: '={{ null }}', outputField: '={{ null }}' } });
    expect(server.seen('POST', EMBED)[0]?.body).toEqual({ model: 'nomic-embed-text:latest', input: ['a'], truncate: true });
    const { error } = await embed([{ text: 'a' }], { options: { dimensions: '={{ "many" }}' } });
    expect(error?.message).toBe('The option "Dimensions" is not a number');
  });

  it('takes the numbers of a table for texts', async () => {
    const result = await embed([{ text: 4412 }, { text: 0 }], { options: { compareWith: '={{ 2024 }}' } });
    expect(result.error).toBeUndefined();
    expect(batches()).toEqual([['4412', '2024', '0']]);
    await embed([{ texts: [1, 'b'] }], { inputType: 'list' });
    expect(batches()[1]).toEqual(['1', 'b']);
  });

  it('asks for items with different settings apart', async () => {
    const items = [{ text: 'a', keep: '5m' }, { text: 'b', keep: '1h' }, { text: 'c', keep: '5m' }];
    const result = await embed(items, { options: { keepAlive: '={{ $json.keep }}' } });
    expect(batches()).toEqual([['a', 'c'], ['b']]);
    expect(server.seen('POST', EMBED).map(({ body }) => (body as Json)['keep_alive'])).toEqual(['5m', '1h']);
    expect(outputs(result).map(({ text }) => text)).toEqual(['a', 'b', 'c']);
  });

  it.each([
    ['a vector is missing', [[1, 2]], '2 texts were sent, 1 vectors came back'],
    ['the lengths differ', [[1, 2], [1]], 'Vector 2 has 1 dimensions, the first one 2'],
    ['a vector is all zeros', [[1, 2], [0, 0]], 'Vector 2 is all zeros'],
    ['a value is not a number', [[1, null], [1, 2]], 'Vector 1 is empty or holds something else than numbers'],
    ['a vector is base64', ['AACAPw==', [1]], 'Vector 1 is empty or holds something else than numbers'],
  ])('refuses vectors when %s', async (_name, embeddings, description) => {
    server.script('POST', EMBED, { status: 200, body: { embeddings } });
    const { error } = await embed([{ text: 'a' }, { text: 'b' }]);
    expect(error?.message).toBe('The vectors of the model "nomic-embed-text:latest" cannot be used');
    expect(error?.description).toContain(description);
  });

  it('refuses vectors of another length than asked for', async () => {
    server.script('POST', EMBED, { status: 200, body: { embeddings: [[1, 2, 3]] } });
    const { error } = await embed([{ text: 'a' }], { options: { dimensions: 2 } });
    expect(error?.description).toContain('3 dimensions instead of the 2 asked for');
  });

  it('tells how close each text is to another one, which is embedded once in the same request', async () => {
    server.script('POST', EMBED, { status: 200, body: { embeddings: [[1, 0], [0, 2], [3, 4], [-2, 0]] } });
    const items = [{ text: 'a' }, { text: 'b' }, { text: 'c' }];
    const result = await embed(items, { options: { compareWith: 'question' } });
    expect(batches()).toEqual([['a', 'question', 'b', 'c']]);
    expect(outputs(result)).toEqual([
      { text: 'a', embedding: [1, 0], similarity: 0 },
      { text: 'b', embedding: [3, 4], similarity: 0.8 },
      { text: 'c', embedding: [-2, 0], similarity: 0 },
    ]);
  });

  it('compares each text of a list, across batches, and texts of other items with other questions', async () => {
    const items = [{ texts: ['a', 'bb'], question: 'a' }, { texts: ['cc'], question: 'dd' }];
    const options = { compareWith: '={{ $json.question }}', batchSize: 2 };
    const result = await embed(items, { inputType: 'list', output: 'embeddingOnly', options });
    expect(batches()).toEqual([['a', 'bb'], ['a', 'cc'], ['dd']]);
    const similarities = outputs(result).map(({ similarity }) => similarity as number[]);
    expect(similarities.map((list) => list.length)).toEqual([2, 1]);
    expect(similarities[0]?.[0]).toBeCloseTo(1, 12);
    expect(similarities[0]?.[1]).toBeLessThan(0.999);
    expect(similarities[1]?.[0]).toBeCloseTo(1, 12);
  });

  it('refuses an empty text to compare with, and fails only the items whose text is at fault', async () => {
    const { error } = await embed([{ text: 'a' }], { options: { compareWith: ' ' } });
    expect(error?.message).toBe('The field "Compare With" is empty');
    const items = [{ text: 'a', question: 'too long' }, { text: 'b', question: 'ok' }, { text: 'c', question: 'too long' }];
    const result = await embed(items, { options: { compareWith: '={{ $json.question }}' } }, { onError: 'continueRegularOutput' });
    const reason = 'the input length exceeds the context length';
    expect(outputs(result).map(({ error: message }) => message)).toEqual([reason, undefined, reason]);
    expect(outputs(result)[1]?.['similarity']).toBeGreaterThan(0.9);
  });

  it('does not compare vectors of different lengths', async () => {
    server.script('POST', EMBED, { status: 200, body: { embeddings: [[1, 2, 3]] }, times: 1 });
    const { error } = await embed([{ text: 'a' }], { options: { compareWith: 'b', batchSize: 1 } });
    expect(error?.message).toBe('The vectors of the two texts cannot be compared');
    expect(error?.description).toContain('One has 3 dimensions, the other one 4');
  });

  it('offers the models that embed when the server tells, and all of them when none does', async () => {
    const offered = async (): Promise<string[]> =>
      (await bench.engine.listSearch({ node: 'openWebUiOllamaEmbed', method: 'searchOllamaModels' })).results.map(({ name }) => name);
    server.capabilities = { 'llama3.2:latest': ['completion', 'tools'] };
    expect(await offered()).toEqual(['nomic-embed-text:latest']);
    server.capabilities = { 'llama3.2:latest': ['completion', 'embedding'] };
    expect(await offered()).toEqual(['llama3.2:latest', 'nomic-embed-text:latest']);
    server.capabilities = { 'llama3.2:latest': ['completion'], 'nomic-embed-text:latest': ['completion'] };
    expect(await offered()).toHaveLength(2);
  });

  it('finds the one text that spoils a batch when it is to continue', async () => {
    const items = [{ text: 'a' }, { text: 'too long' }, { text: 'c' }, { text: '' }, { text: 'e' }];
    const result = await embed(items, { output: 'embeddingOnly' }, { onError: 'continueRegularOutput' });
    expect(outputs(result).map(({ error }) => error)).toEqual([
      undefined, 'the input length exceeds the context length', undefined, 'There is no text to embed', undefined,
    ]);
  });

  it.each([
    [400, "Model 'nomic-embed-text:latest' was not found"],
    [500, 'Open WebUI: Server Connection Error'],
  ])('asks once when not a text but the model is at fault (%i %s)', async (status, detail) => {
    server.script('POST', EMBED, { status, body: { detail } });
    const result = await embed(texts(8), {}, { onError: 'continueRegularOutput' });
    expect(outputs(result).map(({ error }) => error)).toEqual(Array(8).fill(detail));
    expect(batches()).toHaveLength(1);
  });

  it('fails the item of a vector that cannot be used, and no other one of its request', async () => {
    server.script('POST', EMBED, { status: 200, body: { embeddings: [[1, 2], [3, 4], [0, 0], [5, 6]] } });
    const result = await embed(texts(4), { output: 'embeddingOnly' }, { onError: 'continueRegularOutput' });
    const message = 'The vectors of the model "nomic-embed-text:latest" cannot be used';
    expect(outputs(result).map(({ embedding, error }) => embedding ?? error)).toEqual([[1, 2], [3, 4], message, [5, 6]]);
    expect(batches()).toHaveLength(1);
    expect((await embed(texts(4))).error).toMatchObject({ message, itemIndex: 2 });
  });

  it('says how names of models are written when the server does not know one', async () => {
    const { error } = await embed([{ text: 'a' }], { model: locator('id', 'nomic-embed-text') });
    expect(error).toMatchObject({ message: "Model 'nomic-embed-text' was not found", httpCode: '400', itemIndex: 0 });
    expect(error?.description).toContain('include the tag');
  });
});
