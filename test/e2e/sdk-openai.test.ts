import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import OpenAI from 'openai';
import { createKnowledge, uploadText } from '../http/contract/client.ts';
import { startRuntime, type RunningRuntime } from '../support/runtime.ts';

const CHAT = 'builtin/extractive';
const EMBEDDER = 'builtin/lexical-embed';
const QUESTION = [{ role: 'user' as const, content: 'Which colour is the roof of the boathouse?' }];
let runtime: RunningRuntime;
let knowledgeId = '';
beforeAll(async () => {
  runtime = await startRuntime();
  knowledgeId = (await createKnowledge(runtime, 'Houses')).id;
  await uploadText(runtime, 'The roof of the boathouse is turquoise. 艇庫の屋根は青緑色です。', 'boathouse.txt', { knowledge_id: knowledgeId });
});
afterAll(async () => runtime?.stop());

function client(path: string, options: { apiKey?: string; sources?: boolean } = {}): OpenAI {
  const { apiKey = runtime.apiKey, sources } = options;
  return new OpenAI({ baseURL: runtime.baseUrl + path, apiKey, maxRetries: 0, ...(sources === undefined ? {} : { defaultQuery: { sources: String(sources) } }) });
}

/** Open WebUI's own parameter rides along; the SDK sends what it does not know. */
const withFiles = <T extends object>(body: T): T => ({ ...body, files: [{ type: 'collection', id: knowledgeId }] });

async function collect(stream: AsyncIterable<OpenAI.ChatCompletionChunk>): Promise<{ text: string; chunks: OpenAI.ChatCompletionChunk[] }> {
  const chunks: OpenAI.ChatCompletionChunk[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return { chunks, text: chunks.map((chunk) => chunk.choices?.[0]?.delta?.content ?? '').join('') };
}

describe.each(['/api', '/api/v1'])('the OpenAI SDK with the base URL %s', (path) => {
  it('lists the models', async () => {
    const ids: string[] = [];
    for await (const model of client(path).models.list()) ids.push(model.id);
    expect(ids).toEqual(expect.arrayContaining([CHAT, EMBEDDER]));
  });

  it('chats', async () => {
    const answer = await client(path).chat.completions.create({ model: CHAT, messages: [{ role: 'user', content: 'Hello' }] });
    expect(answer).toMatchObject({ object: 'chat.completion', model: CHAT, choices: [{ index: 0, finish_reason: 'stop', message: { role: 'assistant', content: expect.any(String) } }] });
    expect(answer.usage?.total_tokens).toBe((answer.usage?.prompt_tokens ?? 0) + (answer.usage?.completion_tokens ?? 0));
  });

  it('chats with a knowledge base and finds its sources in the answer', async () => {
    const answer = await client(path).chat.completions.create(withFiles({ model: CHAT, messages: QUESTION }));
    expect(answer.choices[0]?.message.content).toContain('turquoise');
    expect((answer as unknown as { sources: Array<{ document: string[] }> }).sources[0]?.document[0]).toContain('boathouse');
  });

  it('streams an answer without documents, every event a chunk', async () => {
    const { chunks, text } = await collect(await client(path).chat.completions.create({ model: CHAT, stream: true, messages: [{ role: 'user', content: 'Hello' }] }));
    expect(chunks.every((chunk) => chunk.object === 'chat.completion.chunk')).toBe(true);
    expect(text).not.toBe('');
    expect(chunks.findLast((chunk) => chunk.choices.length > 0)?.choices[0]?.finish_reason).toBe('stop');
  });

  it('streams an answer from documents, every event a chunk, when sources are switched off in the query', async () => {
    const stream = await client(path, { sources: false }).chat.completions.create(withFiles({ model: CHAT, stream: true as const, messages: QUESTION }));
    const { chunks, text } = await collect(stream);
    expect(text).toContain('turquoise');
    expect(chunks.every((chunk) => chunk.object === 'chat.completion.chunk' && Array.isArray(chunk.choices))).toBe(true);
  });

  it('reads a stream that begins with the sources, too', async () => {
    const { chunks, text } = await collect(await client(path).chat.completions.create(withFiles({ model: CHAT, stream: true as const, messages: QUESTION })));
    expect(Object.keys(chunks[0] ?? {})).toEqual(['sources']);
    expect(text).toContain('turquoise');
  });

  it('runs its own streaming helper to the final message', async () => {
    const runner = client(path, { sources: false }).chat.completions.stream(withFiles({ model: CHAT, stream: true as const, messages: QUESTION }));
    expect(await runner.finalContent()).toContain('turquoise');
  });

  it('can stop a stream in the middle', async () => {
    const stream = await client(path, { sources: false }).chat.completions.create(withFiles({ model: CHAT, stream: true as const, messages: QUESTION }));
    for await (const chunk of stream) {
      expect(chunk.object).toBe('chat.completion.chunk');
      stream.controller.abort();
    }
    expect((await client(path).models.list()).data.length).toBeGreaterThan(0);
  });

  it('embeds one text and many, base64 on the wire or not', async () => {
    const one = await client(path).embeddings.create({ model: EMBEDDER, input: 'a green lamp' });
    const many = await client(path).embeddings.create({ model: EMBEDDER, input: ['a green lamp', '緑のランプ'], encoding_format: 'float' });
    expect(many.data.map((entry) => entry.index)).toEqual([0, 1]);
    expect(many.data[0]?.embedding.length).toBe(one.data[0]?.embedding.length);
    many.data[0]?.embedding.forEach((value, at) => expect(value).toBeCloseTo(one.data[0]?.embedding[at] ?? NaN, 5));
  });

  it('gets errors of the classes it knows', async () => {
    const messages = [{ role: 'user' as const, content: 'Hello' }];
    await expect(client(path).chat.completions.create({ model: 'no-such-model', messages })).rejects.toMatchObject({ status: 400 });
    await expect(client(path, { apiKey: 'sk-00000000000000000000000000000000' }).models.list()).rejects.toMatchObject({ status: 401 });
    await expect(client(path).chat.completions.create({ model: 'no-such-model', messages })).rejects.toBeInstanceOf(OpenAI.BadRequestError);
  });
});

it('a server that is set to send no sources suits the SDK without any option', async () => {
  const strict = await startRuntime({ env: { ENABLE_STREAM_SOURCES: 'false', VECTOR_DB: 'none' } });
  try {
    const { id } = await createKnowledge(strict, 'Strict');
    await uploadText(strict, 'The roof of the boathouse is turquoise.', 'boathouse.txt', { knowledge_id: id });
    const openai = new OpenAI({ baseURL: `${strict.baseUrl}/api`, apiKey: strict.apiKey, maxRetries: 0 });
    const body = { model: CHAT, stream: true as const, messages: QUESTION, files: [{ type: 'collection', id }] };
    const { chunks, text } = await collect(await openai.chat.completions.create(body));
    expect(text).toContain('turquoise');
    expect(chunks.every((chunk) => chunk.object === 'chat.completion.chunk')).toBe(true);
  } finally {
    await strict.stop();
  }
});
