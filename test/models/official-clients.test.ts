import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Ollama } from 'ollama';
import OpenAI from 'openai';

import { createBuiltinBackend } from '../../runtime/src/adapters/models/builtin/builtin-backend.ts';
import { createOllamaBackend } from '../../runtime/src/adapters/models/ollama/ollama-backend.ts';
import type { JsonObject } from '../../runtime/src/domain/json.ts';
import type { ModelBackend } from '../../runtime/src/ports/model-backend.ts';
import type { OllamaGateway, OllamaOperation } from '../../runtime/src/ports/ollama-gateway.ts';
import { startScriptedOllama } from '../support/scripted-ollama.ts';
import { textVector } from '../support/scripted-server.ts';
import type { ScriptedServer } from '../support/scripted-server.ts';
import { NEVER } from './collect.ts';

type Backend = ModelBackend & { gateway: OllamaGateway };

let scripted: ScriptedServer;
let backends: Backend[];
let url = '';

async function readJson(request: IncomingMessage): Promise<JsonObject> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return parts.length === 0 ? {} : (JSON.parse(Buffer.concat(parts).toString('utf8')) as JsonObject);
}

async function sendAll(response: ServerResponse, items: AsyncIterable<JsonObject>, write: (item: JsonObject) => string, last: string): Promise<void> {
  for await (const item of items) response.write(write(item));
  response.end(last);
}

/** The least server that puts a backend on the wire. */
async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const body = await readJson(request);
  const path = request.url ?? '';
  const served = await Promise.all(backends.map((backend) => backend.serves(String(body['model']), NEVER)));
  const backend = backends[Math.max(0, served.indexOf(true))];
  if (backend === undefined) throw new Error('no backend');
  if (path === '/v1/models') response.end(JSON.stringify({ data: (await Promise.all(backends.map((each) => each.models(NEVER)))).flat() }));
  else if (path === '/v1/embeddings') response.end(JSON.stringify(await backend.embeddings(body, NEVER)));
  else if (path === '/v1/chat/completions' && body['stream'] !== true) response.end(JSON.stringify(await backend.chat(body, NEVER)));
  else if (path === '/v1/chat/completions') await sendAll(response, backend.chatStream(body, NEVER), (chunk) => `data: ${JSON.stringify(chunk)}\n\n`, 'data: [DONE]\n\n');
  else if (path === '/api/tags') response.end(JSON.stringify({ models: await backend.gateway.tags(NEVER) }));
  else {
    const reply = await backend.gateway.call(path.replace('/api/', '') as OllamaOperation, body, { signal: NEVER });
    if (reply.kind === 'json') response.end(JSON.stringify(reply.body));
    else await sendAll(response, reply.lines, (line) => `${JSON.stringify(line)}\n`, '');
  }
}

const server = createServer((request, response) => {
  response.setHeader('Content-Type', 'application/json');
  serve(request, response).catch(() => response.destroy());
});

beforeAll(async () => {
  scripted = await startScriptedOllama({
    override: ({ path, body }) => {
      if (path !== '/api/chat' || body?.['tools'] === undefined) return undefined;
      const message = { role: 'assistant', content: '', tool_calls: [{ function: { name: 'weather', arguments: { city: '東京' } } }] };
      return { kind: 'json', body: { model: 'echo:latest', message, done: true, done_reason: 'stop' } };
    },
  });
  backends = [createBuiltinBackend(), createOllamaBackend({ baseUrls: [scripted.url] })];
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterAll(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  await scripted.close();
});

describe('the openai client', () => {
  const client = (): OpenAI => new OpenAI({ baseURL: `${url}/v1`, apiKey: 'none', maxRetries: 0 });

  it('lists Ollama\'s models and the built-in ones', async () => {
    const { data } = await client().models.list();
    expect(data.map(({ id, object }) => [id, object])).toContainEqual(['echo:latest', 'model']);
    expect(data.map(({ id }) => id)).toContain('builtin/extractive');
  });

  it('reads an answer, whole and streamed, with its usage', async () => {
    const messages = [{ role: 'user' as const, content: '東京の天気は？' }];
    const whole = await client().chat.completions.create({ model: 'echo', messages });
    expect(whole.choices[0]?.message.content).toBe('You said: 東京の天気は？');
    expect(whole.usage?.total_tokens).toBe(whole.usage === undefined ? 0 : whole.usage.prompt_tokens + whole.usage.completion_tokens);
    let text = '';
    let finish: string | null = null;
    for await (const chunk of await client().chat.completions.create({ model: 'echo', messages, stream: true })) {
      text += chunk.choices[0]?.delta.content ?? '';
      finish = chunk.choices[0]?.finish_reason ?? finish;
    }
    expect([text, finish]).toEqual(['You said: 東京の天気は？', 'stop']);
  });

  it('reads a tool call', async () => {
    const tools = [{ type: 'function' as const, function: { name: 'weather', parameters: { type: 'object' } } }];
    const { choices } = await client().chat.completions.create({ model: 'echo', messages: [{ role: 'user', content: 'x' }], tools });
    expect(choices[0]).toMatchObject({ finish_reason: 'tool_calls', message: { tool_calls: [{ type: 'function', function: { name: 'weather', arguments: '{"city":"東京"}' } }] } });
  });

  it('reads embeddings in the encoding it asks for by itself', async () => {
    const { data } = await client().embeddings.create({ model: 'embed', input: ['one two', 'three'] });
    expect(data.map(({ embedding }) => Array.from(embedding))).toEqual(['one two', 'three'].map((text) => textVector(text, 32).map((value) => expect.closeTo(value, 5))));
  });
});

describe('the ollama client', () => {
  const client = (): Ollama => new Ollama({ host: url });

  it('lists, shows, generates, chats and embeds with the built-in models', async () => {
    expect((await client().list()).models.map(({ name }) => name)).toContain('builtin/extractive');
    expect((await client().show({ model: 'builtin/extractive' })).details.family).toBe('builtin');
    expect((await client().generate({ model: 'builtin/extractive', prompt: 'Hello' })).response).toContain('extractive');
    let text = '';
    for await (const part of await client().chat({ model: 'builtin/extractive', messages: [{ role: 'user', content: 'Hello' }], stream: true })) text += part.message.content;
    expect(text).toContain('extractive');
    expect((await client().embed({ model: 'builtin/lexical-embed', input: 'a' })).embeddings[0]).toHaveLength(512);
  });

  it('chats through the gateway with an Ollama server', async () => {
    const parts = [];
    for await (const part of await client().chat({ model: 'echo', messages: [{ role: 'user', content: 'a b' }], stream: true })) parts.push(part);
    expect(parts.map(({ message }) => message.content).join('')).toBe('You said: a b');
    expect(parts.at(-1)?.done).toBe(true);
  });
});
