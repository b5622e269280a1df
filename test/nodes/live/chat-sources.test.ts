import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { ECHO_MODEL } from '../../support/echo-model.ts';
import type { InputItem, Json, RunResult, WorkflowNode } from '../support/engine-types.ts';
import { locator, ourNode } from '../support/workflows.ts';
import { firstOf, isRuntime, ONE_ITEM, OPEN_WITHIN_MS, openLiveServer, openWebUiOnly, TEST_WITHIN_MS, textFile } from './live-server.ts';
import type { LiveServer } from './live-server.ts';

let server: LiveServer;
/** A knowledge base with the answer to the question, and one with something else. */
let fitting: string;
let unfitting: string;

async function baseWith(name: string, file: InputItem): Promise<string> {
  const add = ourNode('AddToKnowledge', { knowledge: locator('name', `${name} ${server.run}`), createIfMissing: true });
  return String(firstOf(await server.execute([file], ourNode('UploadFile', {}), add), 'AddToKnowledge')['knowledgeId']);
}

beforeAll(async () => {
  server = await openLiveServer();
  fitting = await baseWith('Kettles', textFile(`warranty-${server.run}.txt`, `The warranty of the Aurora kettle (${server.run}) lasts 27 months from the day of purchase.`));
  unfitting = await baseWith('Music', textFile(`music-${server.run}.txt`, `Sibelius (${server.run}) composed his violin concerto in D minor and revised it in 1905.`));
}, OPEN_WITHIN_MS + TEST_WITHIN_MS);

afterAll(async () => await server.close());

// Open WebUI has the model write the words to search for, and the echo always writes those of this question.
const PROMPT = 'How many months does the warranty of the Aurora kettle last?';

function question(options: Json, more: Json = {}): WorkflowNode {
  const limit = server.chatModel === ECHO_MODEL ? {} : { maxTokens: 20 };
  return ourNode('ChatCompletion', { model: locator('id', server.chatModel), prompt: PROMPT, ...more, options: { ...limit, ...options } });
}

const outputs = (result: RunResult): Json[][] => (result.nodes['ChatCompletion']?.outputs ?? []).map((items) => items.map(({ json }) => json));
const branch = { requireSources: 'secondOutput', minimumScore: 0.6 };

describe('Questions without an answer in the documents, on a real server', () => {
  it('leave by the second output, and the others by the first', async () => {
    const items = [{ json: { row: 1, base: unfitting } }, { json: { row: 2, base: fitting } }];
    const result = await server.execute(items, question({ knowledgeIds: '={{ $json.base }}', ...branch }));
    expect(result.error).toBeUndefined();
    const [answered, missed] = outputs(result);
    expect(answered).toHaveLength(1);
    expect((answered?.[0]?.['sources'] as Json[])[0]).toMatchObject({ file: `warranty-${server.run}.txt`, text: expect.stringContaining('27 months') as unknown });
    expect(missed).toEqual([{ row: 1, base: unfitting, nothingFound: { question: PROMPT, reason: expect.any(String) as unknown, bestScore: isRuntime ? null : (expect.any(Number) as unknown) } }]);
  }, TEST_WITHIN_MS);

  it('leave by the second output of a workflow that streams, without a word to whoever asked', async () => {
    const result = await server.executeWith({ streaming: true }, question({ knowledgeIds: unfitting, ...branch }));
    expect(result.error).toBeUndefined();
    expect(result.chunks).toEqual([]);
    expect(outputs(result).map((items) => items.length)).toEqual([0, 1]);
  }, TEST_WITHIN_MS);

  it('fail the item with the reason where the user wants that', async () => {
    const { error } = await server.execute(ONE_ITEM, question({ knowledgeIds: unfitting, requireSources: 'fail', minimumScore: 0.6 }));
    expect(error?.message).toBe('Nothing was found in the knowledge and files');
    expect(error?.description).toMatch(/minimum score of 0\.6; the best has 0\.\d\d|has to do with the question/u);
  }, TEST_WITHIN_MS);
});

describe('An unknown file or knowledge base in a question (trap 4)', () => {
  it.each(['fileIds', 'knowledgeIds'])('is named, however the server takes it: %s', async (option) => {
    const id = randomUUID();
    const result = await server.execute(ONE_ITEM, question({ [option]: id }));
    const said = [result.error?.message, result.error?.description, ...(result.nodes['ChatCompletion']?.hints ?? [])].join(' ');
    expect(said).toContain(id);
    expect(said).toMatch(/does not exist|There is no (file|collection)/u);
  }, TEST_WITHIN_MS);

  it('is named although another attachment was used', async () => {
    const id = randomUUID();
    const result = await server.execute(ONE_ITEM, question({ knowledgeIds: fitting, fileIds: id }));
    const said = [result.error?.message, ...(result.nodes['ChatCompletion']?.hints ?? [])].join(' ');
    expect(said).toContain(id);
  }, TEST_WITHIN_MS);
});

describe('The knowledge of a model (trap 1)', () => {
  openWebUiOnly('is used although the server ignores it in plain calls', 'the runtime has no workspace models', async () => {
    const id = `kettle-expert-${server.run}`;
    const meta = { knowledge: [{ id: fitting, type: 'collection', name: 'Kettles' }] };
    const created = await server.call('POST', '/api/v1/models/create', { json: { id, name: id, base_model_id: server.chatModel, meta, params: {}, access_grants: [] } });
    expect(created.status).toBe(200);
    try {
      const answer = firstOf(await server.execute(ONE_ITEM, question({ requireSources: 'fail' }, { model: locator('id', id) })), 'ChatCompletion');
      expect((answer['sources'] as Json[]).map(({ file }) => file)).toEqual([`warranty-${server.run}.txt`]);
      const plain = await server.call('POST', '/api/chat/completions', { json: { model: id, messages: [{ role: 'user', content: PROMPT }] } });
      expect(plain.status).toBe(200);
      expect(plain.json).not.toHaveProperty('sources');
    } finally {
      await server.call('POST', '/api/v1/models/model/delete', { json: { id } });
    }
  });
});

describe('Japanese on a real server', () => {
  const ask = { prompt: 'クローバーは何度の坂まで登れますか？', systemMessage: '日本語で答えてください。' };
  const history = [{ human: 'こんにちは', ai: 'こんにちは。ご用件は何でしょうか。' }];
  let base: string;

  beforeAll(async () => {
    const bytes = await readFile(new URL('../../../examples/documents/product-guide.ja.md', import.meta.url));
    base = await baseWith('製品ガイド', { json: {}, files: { data: { fileName: `製品ガイド-${server.run}.md`, mimeType: 'text/markdown', base64: bytes.toString('base64') } } });
  }, TEST_WITHIN_MS);

  it('comes through a question with history, the answer and its sources, streamed and not', async () => {
    const node = question({ knowledgeIds: base, history: JSON.stringify(history), requireSources: 'fail' }, ask);
    const answer = firstOf(await server.execute(ONE_ITEM, node), 'ChatCompletion');
    const [source] = answer['sources'] as Json[];
    expect(source).toMatchObject({ file: `製品ガイド-${server.run}.md`, score: expect.any(Number) as unknown, text: expect.stringMatching(/\p{Script=Hiragana}/u) as unknown });
    const result = await server.executeWith({ streaming: true }, node);
    const streamed = firstOf(result, 'ChatCompletion');
    expect(result.chunks.map(({ content }) => content ?? '').join('')).toBe(streamed['content']);
    expect((streamed['sources'] as Json[]).length).toBe((answer['sources'] as Json[]).length);
    if (server.chatModel === ECHO_MODEL) expect(streamed['content']).toContain(ask.prompt);
  }, TEST_WITHIN_MS);
});
