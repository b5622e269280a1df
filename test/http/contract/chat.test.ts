import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startRuntime, type RunningRuntime } from '../../support/runtime.ts';
import { call, createKnowledge, events, uploadText } from './client.ts';

const MODEL = 'builtin/extractive';
let runtime: RunningRuntime;
let fileId = '';
let knowledgeId = '';
beforeAll(async () => {
  runtime = await startRuntime();
  knowledgeId = (await createKnowledge(runtime, 'Shop')).id;
  const text = 'Item 4711 is a green lamp for the garden. The shop in Osaka opens at seven in the morning. Returns are taken for thirty days.';
  fileId = (await uploadText(runtime, text, 'shop.txt', { knowledge_id: knowledgeId, team: 'ice' })).id;
  await uploadText(runtime, '東京支店の営業時間は午前九時から午後六時までです。', '東京.txt', { knowledge_id: knowledgeId });
});
afterAll(async () => runtime?.stop());

async function chat(body: object, path = '/api/chat/completions') {
  return call(runtime, 'POST', path, { json: { model: MODEL, ...body } });
}
const ask = (content: string) => [{ role: 'user', content }];

describe('a chat', () => {
  it.each([
    ['a file', () => ({ type: 'file', id: fileId })],
    ['a knowledge base', () => ({ type: 'collection', id: knowledgeId })],
  ])('with %s answers from it and names its sources first', async (_title, entry) => {
    const { status, json } = await chat({ messages: ask('When does the shop in Osaka open?'), files: [entry()] });
    expect([status, Object.keys(json)[0], json.object]).toEqual([200, 'sources', 'chat.completion']);
    expect(json.choices[0].message.content).toMatch(/seven/);
    const [source] = json.sources;
    expect(source.source).toEqual(entry());
    expect(source.document[0]).toContain('Osaka');
    expect(source.metadata[0]).toMatchObject({ name: 'shop.txt', source: 'shop.txt', file_id: fileId, team: 'ice' });
    expect([source.document.length, source.metadata.length]).toEqual([source.distances.length, source.distances.length]);
  });

  it('finds what a Japanese document says', async () => {
    const { json } = await chat({ messages: ask('東京支店は何時まで営業していますか'), files: [{ type: 'collection', id: knowledgeId }] });
    expect(json.choices[0].message.content).toContain('午後六時');
  });

  it('streams the sources as first event and ends with [DONE]', async () => {
    const answer = await chat({ stream: true, messages: ask('What is item 4711?'), files: [{ type: 'file', id: fileId }] });
    const all = events(answer.text);
    expect(answer.headers.get('content-type')).toBe('text/event-stream');
    expect(Object.keys(all[0])).toEqual(['sources']);
    expect(all.at(-1)).toBe('[DONE]');
    const text = all.slice(1, -1).map((event) => event.choices[0]?.delta?.content ?? '').join('');
    expect(text).toMatch(/green lamp/);
    expect(all.at(-2).choices[0].finish_reason).toBe('stop');
  });

  it('leaves the sources out for strict clients', async () => {
    const body = { messages: ask('What is item 4711?'), files: [{ type: 'file', id: fileId }] };
    const streamed = events((await chat({ ...body, stream: true }, '/api/chat/completions?sources=false')).text);
    expect(streamed.some((event) => event.sources !== undefined)).toBe(false);
    expect((await chat(body, '/api/v1/chat/completions?sources=false')).json.sources).toBeUndefined();
  });

  it('has no sources when nothing in the documents fits', async () => {
    const { json } = await chat({ messages: ask('Quantum chromodynamics lattice gauge'), files: [{ type: 'file', id: fileId }] });
    expect(json.sources).toBeUndefined();
    expect(json.choices[0].message.content).not.toMatch(/lamp|Osaka/);
  });

  it.each([
    ['an unknown file', [{ type: 'file', id: 'nope' }]],
    ['an unknown collection', [{ type: 'collection', id: 'nope' }]],
    ['an unknown type', [{ type: 'banana', id: 'x' }]],
    ['something that is not a list', 'abc'],
  ])('naming %s is an error, not an answer without sources (trap 4)', async (_title, files) => {
    const answer = await chat({ messages: ask('When?'), files });
    expect([answer.status, typeof answer.json.detail]).toEqual([400, 'string']);
  });

  it.each([{ model: 'nope' }, { model: undefined }])('with the model $model is refused in the words of the contract', async (body) => {
    for (const stream of [false, true]) {
      const answer = await chat({ ...body, stream, messages: ask('Hi') });
      expect([answer.status, answer.json]).toEqual([400, { detail: 'Model not found' }]);
    }
  });
});

describe('embeddings', () => {
  it.each(['/api/embeddings', '/api/v1/embeddings', '/ollama/v1/embeddings'])('of %s have the shape of OpenAI', async (path) => {
    const { json } = await call(runtime, 'POST', path, { json: { model: 'builtin/lexical-embed', input: ['one', '二'] } });
    expect(json).toMatchObject({ object: 'list', model: 'builtin/lexical-embed' });
    expect(json.data.map((entry: { object: string; index: number }) => [entry.object, entry.index])).toEqual([['embedding', 0], ['embedding', 1]]);
    expect(json.data[0].embedding.length).toBeGreaterThan(10);
  });

  it.each([{ model: 'nope', input: 'x' }, { model: 'builtin/lexical-embed' }, {}])('of %j are refused with a sentence, not with 500 (trap 13)', async (json) => {
    const answer = await call(runtime, 'POST', '/api/embeddings', { json });
    expect([answer.status, typeof answer.json.detail]).toEqual([400, 'string']);
  });
});

describe('searching without a model', () => {
  it('answers the lists of query/doc', async () => {
    const { json } = await call(runtime, 'POST', '/api/v1/retrieval/query/doc', { json: { collection_name: knowledgeId, query: 'item 4711 lamp', k: 1 } });
    expect(Object.keys(json)).toEqual(['ids', 'documents', 'metadatas', 'distances']);
    expect([json.documents[0].length, json.documents[0][0]]).toEqual([1, expect.stringContaining('4711')]);
    expect(json.metadatas[0][0]).toMatchObject({ file_id: fileId });
  });

  it('answers the lists of query/collection, each text once', async () => {
    const json = { collection_names: [knowledgeId, `file-${fileId}`], query: 'item 4711 lamp', k: 3, hybrid: true };
    const answer = await call(runtime, 'POST', '/api/v1/retrieval/query/collection', { json });
    expect(Object.keys(answer.json)).toEqual(['distances', 'documents', 'metadatas']);
    expect(new Set(answer.json.documents[0]).size).toBe(answer.json.documents[0].length);
  });

  it('answers null or empty lists where there is nothing', async () => {
    expect((await call(runtime, 'POST', '/api/v1/retrieval/query/doc', { json: { collection_name: 'nope', query: 'x' } })).text).toBe('null');
    const empty = await call(runtime, 'POST', '/api/v1/retrieval/query/collection', { json: { collection_names: ['nope'], query: '' } });
    expect(empty.json).toEqual({ distances: [[]], documents: [[]], metadatas: [[]] });
  });

  it.each(['../x', 'a b', 'x'.repeat(256), '', 'ｆile-1'])('refuses the collection name "%s"', async (name) => {
    expect((await call(runtime, 'POST', '/api/v1/retrieval/query/doc', { json: { collection_name: name, query: 'x' } })).status).toBe(403);
  });

  it.each([-1, 'many', 1.5])('refuses k = %s', async (k) => {
    expect((await call(runtime, 'POST', '/api/v1/retrieval/query/doc', { json: { collection_name: knowledgeId, query: 'x', k } })).status).toBe(422);
  });
});
