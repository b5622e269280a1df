import { describe, expect, it } from '@jest/globals';

import { createBuiltinBackend } from '../../runtime/src/adapters/models/builtin/builtin-backend.ts';
import { lexicalEmbed } from '../../runtime/src/adapters/models/builtin/lexical-embed.ts';
import type { JsonObject } from '../../runtime/src/domain/json.ts';
import type { OllamaReply } from '../../runtime/src/ports/ollama-gateway.ts';
import { choice, collect, NEVER, streamedText } from './collect.ts';

const backend = createBuiltinBackend();
const PROMPT = 'Cite.\n<context>\n<source id="1" name="a.md">The pump costs ten euro. The valve costs five euro.</source>\n</context>\n\nWhat does the pump cost?';
const ANSWER = 'According to the documents:\n\nThe pump costs ten euro. [1]';
const messages = [{ role: 'user', content: PROMPT }];

async function body(reply: Promise<OllamaReply>): Promise<JsonObject> {
  const answer = await reply;
  if (answer.kind === 'json') return answer.body;
  throw new Error('not one body');
}

describe('the built-in models', () => {
  it('are listed like any other, in both lists', async () => {
    const models = await backend.models(NEVER);
    expect(models.map(({ id }) => id)).toEqual(['builtin/extractive', 'builtin/lexical-embed']);
    for (const model of models) expect(model).toMatchObject({ object: 'model', owned_by: 'builtin', name: model.id });
    for (const tag of await backend.gateway.tags(NEVER)) expect(tag).toMatchObject({ model: tag['name'], size: expect.any(Number), details: { family: 'builtin' }, digest: expect.stringMatching(/^[0-9a-f]{64}$/) });
    expect(await backend.serves('builtin/extractive:latest', NEVER)).toBe(true);
    expect(await backend.serves('extractive', NEVER)).toBe(false);
  });

  it('answer a chat with usage, whole and streamed alike', async () => {
    const answer = await backend.chat({ model: 'builtin/extractive', messages }, NEVER);
    expect(choice(answer)).toMatchObject({ finish_reason: 'stop', message: { role: 'assistant', content: ANSWER } });
    expect(answer['usage']).toMatchObject({ prompt_tokens: Math.ceil(PROMPT.length / 4), completion_tokens: Math.ceil(ANSWER.length / 4) });
    const chunks = await collect(backend.chatStream({ model: 'builtin/extractive', messages }, NEVER));
    expect(streamedText(chunks)).toBe(ANSWER);
    expect(chunks.length).toBeGreaterThan(5);
    expect(chunks.at(-1)).toMatchObject({ choices: [{ finish_reason: 'stop' }], usage: answer['usage'] === undefined ? {} : { prompt_tokens: Math.ceil(PROMPT.length / 4) } });
  });

  it('honour stop and max_tokens', async () => {
    const cut = await backend.chat({ model: 'builtin/extractive', messages, max_tokens: 6 }, NEVER);
    expect(choice(cut)).toMatchObject({ finish_reason: 'length', message: { content: 'According to the ' } });
    const stopped = await backend.chat({ model: 'builtin/extractive', messages, stop: ['ten'] }, NEVER);
    expect(choice(stopped)).toMatchObject({ finish_reason: 'stop', message: { content: 'According to the documents:\n\nThe pump costs ' } });
  });

  it('speak Ollama: generate and chat, whole and streamed, embed, embeddings and show', async () => {
    const call = (operation: 'generate' | 'chat' | 'embed' | 'embeddings' | 'show', request: JsonObject): Promise<OllamaReply> => backend.gateway.call(operation, request, { signal: NEVER });
    expect(await body(call('generate', { model: 'builtin/extractive', prompt: PROMPT, stream: false }))).toMatchObject({ response: ANSWER, done: true, done_reason: 'stop', eval_count: expect.any(Number) });
    const streamed = await call('chat', { model: 'builtin/extractive', messages });
    if (streamed.kind !== 'stream') throw new Error('not a stream');
    const lines = await collect(streamed.lines);
    expect(lines.map(({ message }) => (message as JsonObject)['content']).join('')).toBe(ANSWER);
    expect(lines.at(-1)).toMatchObject({ done: true });
    const vector = Array.from(lexicalEmbed('a text'));
    expect(await body(call('embed', { model: 'builtin/lexical-embed', input: ['a text', 'b'] }))).toMatchObject({ embeddings: [vector, expect.any(Array)] });
    expect(await body(call('embeddings', { model: 'builtin/lexical-embed', prompt: 'a text' }))).toEqual({ embedding: vector });
    expect(await body(call('show', { model: 'builtin/lexical-embed' }))).toMatchObject({ capabilities: ['embedding'] });
    await expect(call('show', { model: 'x' })).rejects.toMatchObject({ code: 'OLLAMA_MODEL_NOT_FOUND' });
  });

  it('make OpenAI embeddings and refuse each other\'s work with a sentence', async () => {
    const answer = await backend.embeddings({ model: 'builtin/lexical-embed', input: 'a text' }, NEVER);
    expect(answer).toMatchObject({ object: 'list', data: [{ object: 'embedding', index: 0, embedding: Array.from(lexicalEmbed('a text')) }], model: 'builtin/lexical-embed' });
    await expect(backend.embeddings({ model: 'builtin/extractive', input: 'x' }, NEVER)).rejects.toMatchObject({ code: 'INVALID_INPUT' });
    await expect(backend.chat({ model: 'builtin/lexical-embed', messages }, NEVER)).rejects.toMatchObject({ code: 'INVALID_INPUT' });
    await expect(backend.chat({ model: 'nope', messages }, NEVER)).rejects.toMatchObject({ code: 'MODEL_NOT_FOUND' });
  });

  it('stop when the caller aborts', async () => {
    const controller = new AbortController();
    const reason = new Error('gone');
    const run = async (): Promise<void> => {
      for await (const _chunk of backend.chatStream({ model: 'builtin/extractive', messages }, controller.signal)) controller.abort(reason);
    };
    await expect(run()).rejects.toBe(reason);
  });
});
