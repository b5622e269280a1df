import { once } from 'node:events';
import { connect, type AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import type { FastifyInstance } from 'fastify';
import { AppError } from '../../runtime/src/domain/errors.ts';
import type { JsonObject } from '../../runtime/src/domain/json.ts';
import { CHAT_EVENTS, toByteStream } from '../../runtime/src/http/stream.ts';
import type { UseCases } from '../../runtime/src/usecases/use-cases.ts';
import { AUTH, buildTestApp, GOOD_KEY, type LogLine } from './support.ts';

const apps: FastifyInstance[] = [];
afterEach(async () => {
  await Promise.all(apps.splice(0).map((app) => app.close()));
});

async function listen(overrides: Partial<UseCases>, lines: LogLine[] = []): Promise<{ app: FastifyInstance; port: number; url: string }> {
  const app = buildTestApp(overrides, {}, lines);
  apps.push(app);
  await app.listen({ port: 0, host: '127.0.0.1' });
  const { port } = app.server.address() as AddressInfo;
  return { app, port, url: `http://127.0.0.1:${port}` };
}

async function* chunks(count: number): AsyncGenerator<JsonObject> {
  for (let index = 0; index < count; index += 1) yield { index, text: '猫\n' };
}

const CHAT = { method: 'POST', url: '/api/chat/completions', headers: AUTH, payload: { stream: true } } as const;
const LOGGER = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };

describe('a streamed chat', () => {
  it('is compact events and ends with [DONE]', async () => {
    const app = buildTestApp({ chatStream: async () => chunks(2) });
    const answer = await app.inject(CHAT);
    expect(answer.body).toBe('data: {"index":0,"text":"猫\\n"}\n\ndata: {"index":1,"text":"猫\\n"}\n\ndata: [DONE]\n\n');
    expect(answer.headers).toMatchObject({ 'content-type': 'text/event-stream', 'cache-control': 'no-cache', 'x-accel-buffering': 'no' });
  });

  it.each([
    ['', true],
    ['?sources=false', false],
    ['?sources=true', true],
  ])('with "%s" asks for sources: %s', async (query, expected) => {
    const asked: boolean[] = [];
    const app = buildTestApp({
      chatStream: async (_principal, _body, options) => {
        asked.push(options.includeSources);
        return chunks(0);
      },
    });
    await app.inject({ ...CHAT, url: `${CHAT.url}${query}` });
    expect(asked).toEqual([expected]);
  });

  it('that cannot begin is a status code, not an event', async () => {
    const app = buildTestApp({ chatStream: async () => Promise.reject(new AppError('MODEL_NOT_FOUND', 'x')) });
    const answer = await app.inject(CHAT);
    expect([answer.statusCode, answer.json()]).toEqual([400, { detail: 'Model not found' }]);
  });

  it('that breaks off says so, ends, and is logged', async () => {
    const lines: LogLine[] = [];
    const broken = async function* (): AsyncGenerator<JsonObject> {
      yield { a: 1 };
      throw new TypeError('inside');
    };
    const app = buildTestApp({ chatStream: async () => broken() }, {}, lines);
    const answer = await app.inject(CHAT);
    expect(answer.body).toBe('data: {"a":1}\n\ndata: {"error":{"message":"Chat completion stream failed"}}\n\ndata: [DONE]\n\n');
    expect(lines.filter((line) => line.level === 'error')).toHaveLength(1);
  });

  it('sends a comment while the model is silent', async () => {
    const events = async function* (): AsyncGenerator<JsonObject> {
      await new Promise((resolve) => setTimeout(resolve, 120));
      yield { a: 1 };
    };
    const stream = toByteStream(events(), { format: CHAT_EVENTS, signal: new AbortController().signal, logger: LOGGER, heartbeatMs: 20 });
    const text = (await stream.toArray()).join('');
    expect(text).toMatch(/^(: keep-alive\n\n)+data: \{"a":1\}\n\ndata: \[DONE\]\n\n$/);
  });

  it('cuts off a client that has stopped reading, and closes the source', async () => {
    let isClosed = false;
    const endless = async function* (): AsyncGenerator<JsonObject> {
      try {
        for (;;) yield { text: 'x'.repeat(10_000) };
      } finally {
        isClosed = true;
      }
    };
    const stream = toByteStream(endless(), { format: CHAT_EVENTS, signal: new AbortController().signal, logger: LOGGER, stallMs: 30 });
    stream.read(0);
    await expect(once(stream, 'end')).rejects.toThrow('stopped reading');
    await new Promise((resolve) => setImmediate(resolve));
    expect(isClosed).toBe(true);
  });
});

describe('over a real socket', () => {
  it('a client that goes away aborts the signal and closes the source', async () => {
    const closed = Promise.withResolvers<string>();
    const { url } = await listen({
      chatStream: async (_principal, _body, _options, signal) =>
        (async function* (): AsyncGenerator<JsonObject> {
          yield { first: true };
          await once(signal, 'abort');
          closed.resolve('aborted');
        })(),
    });
    const leave = new AbortController();
    const answer = await fetch(url + CHAT.url, { method: 'POST', headers: { ...AUTH, 'content-type': 'application/json' }, body: '{"stream":true}', signal: leave.signal });
    await answer.body?.getReader().read();
    leave.abort();
    expect(await closed.promise).toBe('aborted');
  });

  it('a client that goes away aborts a call that has not answered yet', async () => {
    const begun = Promise.withResolvers<void>();
    const aborted = Promise.withResolvers<void>();
    const { url } = await listen({
      listModels: async (_principal, signal) => {
        begun.resolve();
        await once(signal, 'abort');
        aborted.resolve();
        return [];
      },
    });
    const leave = new AbortController();
    const call = fetch(`${url}/api/models`, { headers: AUTH, signal: leave.signal });
    await begun.promise;
    leave.abort();
    await expect(call).rejects.toThrow();
    await aborted.promise;
  });

  it('a slow reader slows the source down', async () => {
    let produced = 0;
    const { port } = await listen({
      chatStream: async () =>
        (async function* (): AsyncGenerator<JsonObject> {
          for (; produced < 20_000; produced += 1) yield { text: 'x'.repeat(10_000) };
        })(),
    });
    const socket = connect(port, '127.0.0.1');
    await once(socket, 'connect');
    const body = '{"stream":true}';
    socket.write(`POST /api/chat/completions HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${GOOD_KEY}\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
    socket.pause();
    let before = -1;
    while (before !== produced || produced === 0) {
      before = produced;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    // kernel buffers of both ends plus ours: some megabytes, not the 200 MB of the whole answer
    expect(produced).toBeLessThan(5000);
    socket.resume();
    await once(socket, 'data');
    socket.destroy();
  });

  it.each([
    ['a header of 32 KB', `GET /health HTTP/1.1\r\nHost: x\r\nX-Big: ${'a'.repeat(32_768)}\r\n\r\n`, 431],
    ['both kinds of body length', 'POST /api/v1/auths/signin HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n', 400],
    ['a bad chunk size', 'POST /api/v1/auths/signin HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n', 400],
    ['dots in the path', 'GET /api/%2e%2e/health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n', 404],
    ['plain dots in the path', 'GET /api/../health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n', 404],
  ])('answers %s with JSON', async (_title, request, status) => {
    const { port, url } = await listen({});
    const socket = connect(port, '127.0.0.1');
    socket.setEncoding('utf8');
    socket.write(request);
    let text = '';
    socket.on('data', (part: string) => (text += part));
    await once(socket, 'close');
    expect(text).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    expect(typeof JSON.parse(text.split('\r\n\r\n')[1] ?? '').detail).toBe('string');
    expect((await fetch(`${url}/health`)).status).toBe(200);
  });
});
