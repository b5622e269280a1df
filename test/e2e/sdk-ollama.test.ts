import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Ollama, type GenerateResponse } from 'ollama';
import { startRuntime, type RunningRuntime } from '../support/runtime.ts';

const CHAT = 'builtin/extractive';
const EMBEDDER = 'builtin/lexical-embed';
const PROMPT = 'Context: The archive is in the north tower. The canteen is in the cellar.\n\nQuestion: Where is the archive?';
let runtime: RunningRuntime;
let ollama: Ollama;
beforeAll(async () => {
  runtime = await startRuntime({ env: { VECTOR_DB: 'none' } });
  ollama = new Ollama({ host: `${runtime.baseUrl}/ollama`, headers: runtime.headers });
});
afterAll(async () => runtime?.stop());

describe('the Ollama SDK', () => {
  it('lists the models with what it shows of them', async () => {
    const { models } = await ollama.list();
    expect(models.map((model) => model.name)).toEqual(expect.arrayContaining([CHAT, EMBEDDER]));
    for (const model of models) expect([typeof model.size, typeof model.digest, model.details.families]).toEqual(['number', 'string', expect.any(Array)]);
  });

  it('generates at once', async () => {
    const answer = await ollama.generate({ model: CHAT, prompt: PROMPT });
    expect(answer).toMatchObject({ model: CHAT, done: true, done_reason: 'stop', response: expect.any(String), eval_count: expect.any(Number) });
    expect(answer.response).not.toBe('');
  });

  it('generates in pieces that join to the whole', async () => {
    const whole = await ollama.generate({ model: CHAT, prompt: PROMPT });
    const parts: GenerateResponse[] = [];
    for await (const part of await ollama.generate({ model: CHAT, prompt: PROMPT, stream: true })) parts.push(part);
    expect(parts.map((part) => part.response).join('')).toBe(whole.response);
    expect(parts.map((part) => part.done)).toEqual([...parts.slice(1).map(() => false), true]);
  });

  it('chats at once and in pieces', async () => {
    const messages = [{ role: 'user', content: PROMPT }];
    const whole = await ollama.chat({ model: CHAT, messages });
    expect(whole).toMatchObject({ done: true, message: { role: 'assistant', content: expect.any(String) } });
    let text = '';
    for await (const part of await ollama.chat({ model: CHAT, messages, stream: true })) text += part.message.content;
    expect(text).toBe(whole.message.content);
  });

  it('embeds many texts at once, each as if it were alone', async () => {
    const texts = ['a green lamp', '緑のランプ', 'a green lamp'];
    const { embeddings } = await ollama.embed({ model: EMBEDDER, input: texts });
    expect(embeddings.map((vector) => vector.length)).toEqual(texts.map(() => embeddings[0]?.length));
    expect(embeddings[2]).toEqual(embeddings[0]);
    const alone = await ollama.embed({ model: EMBEDDER, input: '緑のランプ' });
    expect(alone.embeddings).toEqual([embeddings[1]]);
    const old = await ollama.embeddings({ model: EMBEDDER, prompt: '緑のランプ' });
    expect(old.embedding).toHaveLength(embeddings[1]?.length ?? 0);
  });

  it('shows a model', async () => {
    expect((await ollama.show({ model: CHAT })).details.families).toEqual(expect.any(Array));
  });

  it('gets the sentence of an unknown model and of a missing key', async () => {
    await expect(ollama.generate({ model: 'no-such-model', prompt: 'x' })).rejects.toMatchObject({ status_code: 400 });
    await expect(new Ollama({ host: `${runtime.baseUrl}/ollama` }).list()).rejects.toMatchObject({ status_code: 401 });
  });

  it('can abort a generation', async () => {
    const stream = await ollama.generate({ model: CHAT, prompt: PROMPT, stream: true });
    stream.abort();
    await expect((async () => {
      for await (const part of stream) expect(part.done).toBe(false);
    })()).rejects.toMatchObject({ name: 'AbortError' });
  });
});
