import { afterEach, describe, expect, it } from '@jest/globals';

import type { UpstreamLimits } from '../../runtime/src/adapters/models/http/upstream-target.ts';
import { createOllamaBackend } from '../../runtime/src/adapters/models/ollama/ollama-backend.ts';
import { createOpenAiBackend } from '../../runtime/src/adapters/models/openai/openai-backend.ts';
import type { JsonObject } from '../../runtime/src/domain/json.ts';
import type { ModelBackend } from '../../runtime/src/ports/model-backend.ts';
import { startScriptedOllama } from '../support/scripted-ollama.ts';
import { chatChunk, sse, startScriptedOpenAi } from '../support/scripted-openai.ts';
import type { ScriptedReply, ScriptedServer } from '../support/scripted-server.ts';
import { collect, NEVER, streamedText } from './collect.ts';

const LIMITS: Partial<UpstreamLimits> = { headersTimeoutMs: 300, idleTimeoutMs: 300, maxBodyBytes: 200_000, maxLineBytes: 50_000 };
const servers: ScriptedServer[] = [];

afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

type Kind = 'ollama' | 'openai';

/** A backend whose server answers every chat with `reply`. */
async function backendWith(kind: Kind, reply: ScriptedReply, limits: Partial<UpstreamLimits> = LIMITS): Promise<ModelBackend> {
  const isChat = (path: string): boolean => path.endsWith('/chat') || path.endsWith('/completions');
  const override = ({ path }: { path: string }): ScriptedReply | undefined => (isChat(path) ? reply : undefined);
  const server = await (kind === 'ollama' ? startScriptedOllama({ models: ['m'], override }) : startScriptedOpenAi({ models: ['m'], override }));
  servers.push(server);
  return kind === 'ollama' ? createOllamaBackend({ baseUrls: [server.url], limits }) : createOpenAiBackend({ connections: [{ baseUrl: server.url, apiKey: '' }], limits });
}

const REQUEST: JsonObject = { model: 'm', messages: [{ role: 'user', content: 'x' }] };
const HTML = '<!doctype html><html><body>Welcome <script>alert(1)</script></body></html>';
const deep = `${'['.repeat(50_000)}${']'.repeat(50_000)}`;

/** One piece of a good stream of each kind. */
const PIECE = { ollama: `${JSON.stringify({ model: 'm', message: { content: 'Half' }, done: false })}\n`, openai: sse(chatChunk('m', { content: 'Half' })) };
const STREAM_TYPE = { ollama: 'application/x-ndjson', openai: 'text/event-stream' };

describe.each<Kind>(['ollama', 'openai'])('a whole answer of a hostile %s server', (kind) => {
  it.each<[string, ScriptedReply, string]>([
    ['500 with JSON', { kind: 'json', status: 500, body: { error: 'boom' } }, 'UPSTREAM_ERROR'],
    ['500 with a web page', { kind: 'text', status: 500, contentType: 'text/html', text: HTML }, 'UPSTREAM_ERROR'],
    ['200 with a web page', { kind: 'text', contentType: 'text/html', text: HTML }, 'UPSTREAM_INVALID_RESPONSE'],
    ['200 with nothing', { kind: 'text', text: '' }, 'UPSTREAM_INVALID_RESPONSE'],
    ['200 with a list', { kind: 'json', body: [1] }, 'UPSTREAM_INVALID_RESPONSE'],
    ['200 with the wrong object', { kind: 'json', body: { hello: 1 } }, 'UPSTREAM_INVALID_RESPONSE'],
    ['200 with cut JSON', { kind: 'text', contentType: 'application/json', text: '{"message":' }, 'UPSTREAM_INVALID_RESPONSE'],
    ['200 with an error inside', { kind: 'json', body: { error: { message: 'inner' } } }, 'UPSTREAM_ERROR'],
    ['nesting beyond what can be written out', { kind: 'text', contentType: 'application/json', text: `{"a":${deep}}` }, 'UPSTREAM_INVALID_RESPONSE'],
    ['more bytes than allowed', { kind: 'text', contentType: 'application/json', text: 'x'.repeat(300_000) }, 'UPSTREAM_INVALID_RESPONSE'],
    ['headers, then silence', { kind: 'silence', contentType: 'application/json' }, 'UPSTREAM_TIMEOUT'],
    ['a cut connection', { kind: 'reset' }, 'UPSTREAM_UNREACHABLE'],
    ['a connection cut in the middle', { kind: 'chunks', contentType: 'application/json', chunks: ['{"mess'], delayMs: 10, end: 'reset' }, 'UPSTREAM_UNREACHABLE'],
    ['a redirect', { kind: 'text', status: 302, text: '', headers: { Location: 'http://169.254.169.254/' } }, 'UPSTREAM_ERROR'],
  ])('with %s is an error of its own kind', async (_what, reply, code) => {
    const backend = await backendWith(kind, reply);
    const error = (await backend.chat(REQUEST, NEVER).catch((thrown: unknown) => thrown)) as Error;
    expect(error).toMatchObject({ code });
    expect(error.message).not.toContain('<script>');
  });

  it('that never begins runs into the total limit', async () => {
    const backend = await backendWith(kind, { kind: 'no-answer' }, { totalTimeoutMs: 200 });
    await expect(backend.chat(REQUEST, NEVER)).rejects.toMatchObject({ code: 'UPSTREAM_TIMEOUT' });
  });
});

describe.each<Kind>(['ollama', 'openai'])('a stream of a hostile %s server', (kind) => {
  const streamOf = (chunks: (string | Buffer)[], end: 'end' | 'reset' | 'silence' = 'end'): ScriptedReply => ({ kind: 'chunks', contentType: STREAM_TYPE[kind], chunks, delayMs: 5, end });

  it.each<[string, ScriptedReply, string]>([
    ['500', { kind: 'json', status: 500, body: { error: 'boom' } }, 'UPSTREAM_ERROR'],
    ['a web page', { kind: 'text', contentType: 'text/html', text: HTML }, 'UPSTREAM_INVALID_RESPONSE'],
    ['nothing', streamOf([]), 'UPSTREAM_UNREACHABLE'],
    ['an error at once', streamOf([kind === 'ollama' ? '{"error":"boom"}\n' : sse({ error: { message: 'boom' } })]), 'UPSTREAM_ERROR'],
    ['headers, then silence', { kind: 'silence', contentType: STREAM_TYPE[kind] }, 'UPSTREAM_TIMEOUT'],
    ['not even headers', { kind: 'no-answer' }, 'UPSTREAM_TIMEOUT'],
    ['a line without an end', streamOf([Buffer.alloc(120_000, 'x')]), 'UPSTREAM_INVALID_RESPONSE'],
  ])('that begins with %s fails before the first chunk', async (_what, reply, code) => {
    const backend = await backendWith(kind, reply);
    await expect(collect(backend.chatStream(REQUEST, NEVER))).rejects.toMatchObject({ code });
  });

  it.each<[string, ScriptedReply]>([
    ['a cut connection', streamOf([PIECE[kind]], 'reset')],
    ['an end without a last line', streamOf([PIECE[kind]])],
    ['silence', streamOf([PIECE[kind]], 'silence')],
    ['something that is not JSON', streamOf([PIECE[kind], kind === 'ollama' ? '{"mess\n' : 'data: {"mess\n\n'])],
    ['a line without an end', streamOf([PIECE[kind], kind === 'ollama' ? 'x'.repeat(90_000) : `data: ${'x'.repeat(90_000)}`])],
    ['nesting beyond use', streamOf([PIECE[kind], kind === 'ollama' ? `{"a":${deep.slice(40_000, 60_000)}}\n` : sse(`{"a":${deep.slice(40_000, 60_000)}}`)])],
  ])('that goes on with %s ends with one error object', async (_what, reply) => {
    const backend = await backendWith(kind, reply);
    const chunks = await collect(backend.chatStream(REQUEST, NEVER));
    expect(streamedText(chunks)).toBe('Half');
    expect(chunks.slice(1)).toEqual([{ error: { message: expect.stringMatching(/\S/) } }]);
  });

  it('faster than its reader is slowed down instead of kept in memory', async () => {
    const line = PIECE[kind].replace('Half', 'x'.repeat(16_000));
    let madeCount = 0;
    const endless = function* (): Generator<string> {
      for (; madeCount < 20_000; madeCount += 1) yield line;
    };
    const backend = await backendWith(kind, { kind: 'chunks', contentType: STREAM_TYPE[kind], chunks: endless() });
    for await (const _chunk of backend.chatStream(REQUEST, NEVER)) {
      for (let seen = -1; seen !== madeCount; ) {
        seen = madeCount;
        await new Promise((resolve) => setTimeout(resolve, 200));
      }
      break;
    }
    // 20,000 lines are 320 MB; what was made lies in the socket's buffers.
    expect(madeCount).toBeLessThan(5_000);
  });

  it('with bytes that are no UTF-8 goes on with replacement characters', async () => {
    const bad = Buffer.concat([Buffer.from(PIECE[kind].split('Half')[0] ?? ''), Buffer.from([0xff, 0xc3, 0x28]), Buffer.from(PIECE[kind].split('Half')[1] ?? '')]);
    const last = kind === 'ollama' ? '{"done":true}\n' : sse(chatChunk('m', {}, 'stop')) + sse('[DONE]');
    const backend = await backendWith(kind, streamOf([bad, last]));
    expect(streamedText(await collect(backend.chatStream(REQUEST, NEVER)))).toBe('\ufffd\ufffd(');
  });
});

describe('a server-sent stream with surprises', () => {
  const stop = sse(chatChunk('m', {}, 'stop'));

  it.each<[string, string[]]>([
    ['without [DONE]', [PIECE.openai, stop]],
    ['with two [DONE]', [PIECE.openai, stop, sse('[DONE]'), sse('[DONE]')]],
    ['with comments, ids and Windows line ends', [': ping\r\n\r\n', `id: 1\r\nretry: 5\r\n${PIECE.openai.replaceAll('\n', '\r\n')}`, stop, sse('[DONE]')]],
    ['with unknown events and objects', ['event: execute\ndata: {"choices":[{"delta":{"content":"EVIL"}}]}\n\n', sse({ sources: [{ fake: true }] }), PIECE.openai, stop, sse('[DONE]')]],
    ['without a line feed at the end', [PIECE.openai, stop, 'data: [DONE]']],
    ['with data after [DONE]', [PIECE.openai, stop, sse('[DONE]'), sse(chatChunk('m', { content: 'EVIL' }))]],
    ['of one event in several data lines', [`data: ${JSON.stringify(chatChunk('m', { content: 'Half' })).replace(',"object"', ',\ndata: "object"')}\n\n`, stop]],
  ])('%s ends cleanly', async (_what, chunks) => {
    const backend = await backendWith('openai', { kind: 'chunks', contentType: 'text/event-stream', chunks });
    const received = await collect(backend.chatStream(REQUEST, NEVER));
    expect(streamedText(received)).toBe('Half');
    expect(received).toHaveLength(2);
  });
});
