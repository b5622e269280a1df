import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { createOllamaBackend } from '../../runtime/src/adapters/models/ollama/ollama-backend.ts';
import type { JsonObject } from '../../runtime/src/domain/json.ts';
import type { OllamaGateway, OllamaOperation, OllamaReply } from '../../runtime/src/ports/ollama-gateway.ts';
import { startScriptedOllama } from '../support/scripted-ollama.ts';
import type { ScriptedReply, ScriptedServer } from '../support/scripted-server.ts';
import { collect, NEVER } from './collect.ts';

let one: ScriptedServer;
let two: ScriptedServer;
let gateway: OllamaGateway;
let chatReply: ScriptedReply | undefined;

beforeAll(async () => {
  one = await startScriptedOllama({ version: '0.10.1', loaded: ['echo:latest'], override: ({ path }) => (path === '/api/chat' ? chatReply : undefined) });
  two = await startScriptedOllama({ version: '0.9.12', models: ['only-two:latest'] });
  gateway = createOllamaBackend({ baseUrls: [`${one.url}/`, two.url, 'http://127.0.0.1:9'] }).gateway;
});

afterAll(async () => {
  await Promise.all([one.close(), two.close()]);
});

function call(operation: OllamaOperation, body: JsonObject, urlIndex?: number): Promise<OllamaReply> {
  return gateway.call(operation, body, { signal: NEVER, ...(urlIndex === undefined ? {} : { urlIndex }) });
}

async function linesOf(reply: OllamaReply): Promise<JsonObject[]> {
  if (reply.kind !== 'stream') throw new Error('not a stream');
  return collect(reply.lines);
}

async function bodyOf(reply: Promise<OllamaReply>): Promise<JsonObject> {
  const answer = await reply;
  if (answer.kind !== 'json') throw new Error('not one body');
  return answer.body;
}

describe('the Ollama gateway', () => {
  it('reports the lowest version, number by number, and the loaded models', async () => {
    expect(await gateway.version(NEVER)).toBe('0.9.12');
    expect((await gateway.ps(NEVER)).map(({ name }) => name)).toEqual(['echo:latest']);
  });

  it('has no version when no server answers', async () => {
    expect(await createOllamaBackend({ baseUrls: ['http://127.0.0.1:9'] }).gateway.version(NEVER)).toBeNull();
  });

  it('sends generate on with its known fields only, without nulls, to the server that has the model', async () => {
    const body = await bodyOf(call('generate', { model: 'only-two', prompt: 'hi', stream: false, images: null, suffix: null, unknown: 1, options: { seed: 1 } }));
    expect(body).toMatchObject({ model: 'only-two:latest', response: 'You said: hi', done: true });
    expect(two.requestsTo('/api/generate')[0]?.body).toEqual({ model: 'only-two:latest', prompt: 'hi', stream: false, options: { seed: 1 } });
    expect(one.requestsTo('/api/generate')).toHaveLength(0);
  });

  it('streams generate and chat unless stream is false', async () => {
    for (const operation of ['generate', 'chat'] as const) {
      const lines = await linesOf(await call(operation, { model: 'echo', prompt: 'x y', messages: [{ role: 'user', content: 'x y' }] }));
      expect(lines.map((line) => line['response'] ?? (line['message'] as JsonObject)['content']).join('')).toBe('You said: x y');
      expect(lines.at(-1)).toMatchObject({ done: true, done_reason: 'stop' });
    }
  });

  it('sends unknown keys of a chat on and a null content as empty text', async () => {
    await bodyOf(call('chat', { model: 'echo', stream: false, think: true, extra: 1, messages: [{ role: 'assistant', content: null, tool_calls: [] }] }));
    expect(one.requestsTo('/api/chat').at(-1)?.body).toEqual({
      model: 'echo:latest',
      stream: false,
      think: true,
      extra: 1,
      messages: [{ role: 'assistant', content: '', tool_calls: [] }],
    });
  });

  it('embeds in both ways and shows a model by either key', async () => {
    expect((await bodyOf(call('embed', { model: 'embed', input: ['a', 'b'], dimensions: 8 })))['embeddings']).toHaveLength(2);
    expect(one.requestsTo('/api/embed').at(-1)?.body).toMatchObject({ dimensions: 8 });
    expect((await bodyOf(call('embeddings', { model: 'embed', prompt: 'a' })))['embedding']).toHaveLength(32);
    expect(await bodyOf(call('show', { name: 'echo' }))).toMatchObject({ capabilities: ['completion'] });
  });

  it('takes the server of an index, from the end if negative, and refuses one that is not there', async () => {
    expect(await bodyOf(call('show', { model: 'only-two' }, -2))).toMatchObject({ license: 'MIT' });
    await expect(call('show', { model: 'only-two' }, 0)).rejects.toMatchObject({ code: 'UPSTREAM_ERROR', details: { status: 404 } });
    await expect(call('show', { model: 'only-two' }, 3)).rejects.toMatchObject({ code: 'INVALID_INPUT' });
  });

  it.each([
    ['an unknown', { model: 'nope' }, "Model 'nope' was not found"],
    ['no', {}, "Model 'None' was not found"],
    ['an empty', { model: '' }, "Model '' was not found"],
  ])('says that %s model was not found', async (_what, body, message) => {
    await expect(call('chat', body)).rejects.toMatchObject({ code: 'OLLAMA_MODEL_NOT_FOUND', message });
  });

  it('relays an error line as it is, and ends a broken stream with one of its own', async () => {
    const body = { model: 'echo', messages: [] };
    const piece = JSON.stringify({ message: { content: 'a' }, done: false });
    chatReply = { kind: 'chunks', contentType: 'application/x-ndjson', chunks: [`${piece}\n`, '{"error":"boom"}\n'] };
    expect((await linesOf(await call('chat', body))).at(-1)).toEqual({ error: 'boom' });
    chatReply = { kind: 'chunks', contentType: 'application/x-ndjson', chunks: [`${piece}\n`], delayMs: 10, end: 'reset' };
    expect((await linesOf(await call('chat', body))).at(-1)).toEqual({ error: expect.stringContaining('broke off') });
    chatReply = undefined;
  });
});
