import { randomUUID } from 'node:crypto';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { ECHO_MODEL } from '../../support/echo-model.ts';
import type { Json, WorkflowNode } from '../support/engine-types.ts';
import { locator, ourNode } from '../support/workflows.ts';
import { firstOf, jsons, knowledgeBasesOf, ONE_ITEM, OPEN_WITHIN_MS, openLiveServer, TEST_WITHIN_MS, textFile } from './live-server.ts';
import type { LiveServer } from './live-server.ts';

let server: LiveServer;

beforeAll(async () => {
  server = await openLiveServer();
}, OPEN_WITHIN_MS);

afterAll(async () => await server.close());

const question = (parameters: Json): WorkflowNode =>
  ourNode('ChatCompletion', { model: locator('id', server.chatModel), prompt: 'How many months does the warranty of the Aurora kettle last?', ...parameters });
const grounded = (options: Json = {}): WorkflowNode => {
  // A real model is slow; the echo is wanted whole.
  const limit = server.chatModel === ECHO_MODEL ? {} : { maxTokens: 30 };
  return question({ knowledgeBases: knowledgeBasesOf(`Kettles ${server.run}`), options: { requireSources: 'fail', ...limit, ...options } });
};

describe('Chat Completion on a real server', () => {
  it('answers a question to a knowledge base with the passage it rests on', async () => {
    const file = textFile(`warranty-${server.run}.txt`, `The warranty of the Aurora kettle (${server.run}) lasts 27 months from the day of purchase.`);
    const add = ourNode('AddToKnowledge', { knowledge: locator('name', `Kettles ${server.run}`), createIfMissing: true });
    const result = await server.execute([file], ourNode('UploadFile', {}), add, grounded({ temperature: 0 }));
    const answer = firstOf(result, 'ChatCompletion');
    const sources = answer['sources'] as Json[];
    expect(sources.map(({ file: name }) => name)).toContain(`warranty-${server.run}.txt`);
    expect(typeof sources[0]?.['score']).toBe('number');
    // The echo shows what the model was given: the passage itself.
    if (server.chatModel === ECHO_MODEL) expect(answer['content']).toContain('lasts 27 months');
    else expect(answer['content']).not.toBe('');
  }, TEST_WITHIN_MS);

  it('streams the same answer to a trigger that streams, sources and all', async () => {
    const result = await server.executeWith({ streaming: true }, grounded());
    const answer = firstOf(result, 'ChatCompletion');
    const chunks = result.chunks.filter(({ type }) => type === 'item').map(({ content }) => content);
    expect(chunks.length).toBeGreaterThan(3);
    expect(chunks.join('')).toBe(answer['content']);
    expect((answer['sources'] as Json[]).length).toBeGreaterThan(0);
  }, TEST_WITHIN_MS);

  it('keeps a real language model within its limit of tokens', async () => {
    const result = await server.execute(ONE_ITEM, question({ model: locator('id', server.languageModel), prompt: 'Name three colours.', options: { maxTokens: 20 } }));
    const { content, usage } = firstOf(result, 'ChatCompletion') as { content: string; usage?: Record<string, number> };
    expect(content.length).toBeGreaterThan(0);
    expect(usage?.['completionTokens'] ?? usage?.['completion_tokens']).toBeLessThanOrEqual(20);
  }, TEST_WITHIN_MS);

  it('fails without sources when none may be missing', async () => {
    const result = await server.execute(ONE_ITEM, question({ options: { fileIds: randomUUID(), requireSources: 'fail' } }));
    expect(result.status).toBe('error');
    expect(result.error?.node).toBe('ChatCompletion');
    expect(jsons(result, 'ChatCompletion')).toEqual([]);
  }, TEST_WITHIN_MS);

  it('shows the words of the server for an unknown model', async () => {
    const unknown = await server.execute(ONE_ITEM, question({ model: locator('id', 'no-such-model') }));
    expect(unknown.error).toMatchObject({ name: 'NodeApiError', httpCode: '400' });
    expect(unknown.error?.message).toMatch(/not found/iu);
  }, TEST_WITHIN_MS);
});
