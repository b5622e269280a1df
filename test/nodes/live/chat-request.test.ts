import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { ECHO_MODEL } from '../../support/echo-model.ts';
import type { Json, WorkflowNode } from '../support/engine-types.ts';
import { locator, ourNode } from '../support/workflows.ts';
import { firstOf, isRuntime, ONE_ITEM, OPEN_WITHIN_MS, openLiveServer, runtimeOnly, TEST_WITHIN_MS } from './live-server.ts';
import type { LiveServer } from './live-server.ts';

let server: LiveServer;

beforeAll(async () => {
  server = await openLiveServer();
}, OPEN_WITHIN_MS);

afterAll(async () => await server.close());

const chat = (model: string, options: Json, more: Json = {}): WorkflowNode => ourNode('ChatCompletion', { model: locator('id', model), prompt: 'Name three colours.', ...more, options });

describe('Sampling on a real server (trap 11)', () => {
  it('has an effect out of params: the limit of tokens ends the answer, and the hint says so', async () => {
    const options = { maxTokens: 4, temperature: 0, seed: 7, topK: 1, minP: 0.05, repeatPenalty: 1.1, contextLength: 512, reasoningEffort: 'none' };
    const result = await server.execute(ONE_ITEM, chat(server.languageModel, options));
    const answer = firstOf(result, 'ChatCompletion');
    expect(answer).toMatchObject({ finishReason: 'length', usage: { completionTokens: 4 } });
    expect(result.nodes['ChatCompletion']?.hints.join()).toContain('cut off at the limit of tokens');
  }, TEST_WITHIN_MS);

  it('makes a real model repeat itself with temperature 0 and a seed', async () => {
    const once = async (): Promise<unknown> => firstOf(await server.execute(ONE_ITEM, chat(server.languageModel, { maxTokens: 6, temperature: 0, seed: 7 })), 'ChatCompletion')['content'];
    expect(await once()).toBe(await once());
  }, TEST_WITHIN_MS);

  it('ends the answer at a Japanese stop sequence', async () => {
    const options = { maxTokens: 12, temperature: 0, stop: ['。', 'e'] };
    const { content } = firstOf(await server.execute(ONE_ITEM, chat(isRuntime ? 'builtin/extractive' : server.languageModel, options)), 'ChatCompletion');
    expect(content).not.toMatch(/[。e]/u);
  }, TEST_WITHIN_MS);
});

describe('Messages on a real server', () => {
  it('may hold calls of tools with null as their content, and an image (trap 10)', async () => {
    const call = { role: 'assistant', content: null, tool_calls: [{ id: 'c1', type: 'function', function: { name: 'f', arguments: '{}' } }] };
    const messages = [{ role: 'user', content: 'Hi' }, call, { role: 'tool', tool_call_id: 'c1', content: '7' }, { role: 'user', content: [{ type: 'text', text: 'And now?' }] }];
    const photo = { fileName: 'p.png', mimeType: 'image/png', base64: 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==' };
    const node = chat(server.chatModel, { imageFields: 'photo', maxTokens: 20 }, { messageMode: 'json', messagesJson: '={{ $json.messages }}' });
    const answer = firstOf(await server.execute([{ json: { messages }, files: { photo } }], node), 'ChatCompletion');
    expect(answer['content']).not.toBe('');
    if (server.chatModel === ECHO_MODEL) expect(answer['content']).toContain('And now?');
  }, TEST_WITHIN_MS);

  it('without a question are refused before they are sent (trap 5)', async () => {
    const node = chat(server.chatModel, {}, { messageMode: 'json', messagesJson: '[{"role": "user", "content": null}]' });
    expect((await server.execute(ONE_ITEM, node)).error?.message).toBe('The last message of the user is empty');
  }, TEST_WITHIN_MS);
});

describe('Answers of a real server', () => {
  it('that are no JSON fail with what the model said', async () => {
    const { error } = await server.execute(ONE_ITEM, chat(server.chatModel, { responseFormat: 'json_object', maxTokens: 5 }, { prompt: '日本の首都はどこですか。' }));
    expect(error?.message).toBe('The answer of the model is not JSON');
    expect(error?.description).toMatch(/It says: .+/u);
  }, TEST_WITHIN_MS);

  it('without Simplify are those of the server, streamed as well', async () => {
    const node = { ...chat(server.chatModel, { maxTokens: 5 }) };
    const raw = { ...node, parameters: { ...node.parameters, simplify: false } };
    for (const streaming of [false, true]) {
      const answer = firstOf(await server.executeWith({ streaming }, raw), 'ChatCompletion');
      expect(answer).toMatchObject({ object: 'chat.completion', choices: [{ message: { role: 'assistant', content: expect.any(String) as unknown } }] });
    }
  }, TEST_WITHIN_MS);

  runtimeOnly('explain that a model makes embeddings', 'the list of the other server has no such model for sure', async () => {
    const { error } = await server.execute(ONE_ITEM, chat('builtin/lexical-embed', {}));
    expect(error?.message).toContain('makes embeddings and does not chat');
    expect(error?.description).toContain('Choose one from the list');
  });
});
