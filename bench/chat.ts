import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { startRuntime } from '../test/support/runtime.ts';
import { createApi, fillKnowledge, untilVectorsReady } from './api.ts';
import { makeQuestion, makeText } from './corpus.ts';
import { createHttpClient, type HttpClient } from './http-client.ts';
import { latencies, throughput } from './load.ts';
import { percentile, round } from './statistics.ts';
import { printTable } from './table.ts';

export type ChatOptions = { calls: number; durationMs: number };

const MODEL = 'gpt-echo';
const CONCURRENCY = 16;
const CHUNKS = 1000;
const WARM_UP = 50;

type ModelServer = { url: string; stop(): Promise<void> };

async function startModelServer(): Promise<ModelServer> {
  const script = fileURLToPath(new URL('./model-server.ts', import.meta.url));
  const child = spawn(process.execPath, ['--import', 'tsx', script], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [url] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
  return {
    url,
    stop: async () => {
      child.kill('SIGTERM');
      await once(child, 'exit');
    },
  };
}

type Call = (at: number) => Promise<{ firstByteMs: number }>;

async function row(name: string, options: ChatOptions, call: Call): Promise<{ name: string; p50: number; p95: number; rate: number }> {
  const samples = await latencies(options.calls, WARM_UP, call);
  return { name, p50: percentile(samples, 0.5), p95: percentile(samples, 0.95), rate: await throughput(CONCURRENCY, options.durationMs, call) };
}

/** Time until the first byte of a stream. */
async function firstTokenMs(options: ChatOptions, call: Call): Promise<number> {
  const samples: number[] = [];
  await latencies(options.calls, WARM_UP, async (at) => {
    const { firstByteMs } = await call(at);
    if (at >= WARM_UP) samples.push(firstByteMs);
  });
  return percentile(samples, 0.5);
}

function chatCall(client: HttpClient, path: string, extra: object): Call {
  return (at) => client.request('POST', path, { json: { model: MODEL, messages: [{ role: 'user', content: makeQuestion(at) }], ...extra } });
}

/** Each request through the runtime and straight to the model server, which answers at once: the difference is the runtime's own. */
export async function benchChat(options: ChatOptions): Promise<void> {
  const server = await startModelServer();
  const runtime = await startRuntime({ env: { OPENAI_API_BASE_URLS: server.url, OPENAI_API_KEYS: 'none' } });
  try {
    const api = createApi(runtime.baseUrl, runtime.apiKey);
    const direct = createHttpClient(server.url, 'none');
    await untilVectorsReady(api);
    const collection = await fillKnowledge(api, CHUNKS, makeText);
    const own = '/api/chat/completions';
    const files = [{ type: 'collection', id: collection }];
    const rows = [
      await row('GET /models, direct', options, () => direct.request('GET', '/models')),
      await row('GET /api/models', options, () => api.client.request('GET', '/api/models')),
      await row('chat, direct', options, chatCall(direct, '/chat/completions', {})),
      await row('chat', options, chatCall(api.client, own, {})),
      await row('stream, direct', options, chatCall(direct, '/chat/completions', { stream: true })),
      await row('stream', options, chatCall(api.client, own, { stream: true })),
      await row(`chat with a collection of ${CHUNKS} chunks`, options, chatCall(api.client, own, { files })),
    ];
    printTable('Requests', ['', 'p50 ms', 'p95 ms', `requests a second, ${CONCURRENCY} at a time`], rows.map(({ name, p50, p95, rate }) => [name, round(p50), round(p95), round(rate)]));
    const directMs = await firstTokenMs(options, chatCall(direct, '/chat/completions', { stream: true }));
    const ownMs = await firstTokenMs(options, chatCall(api.client, own, { stream: true }));
    const withFilesMs = await firstTokenMs(options, chatCall(api.client, own, { stream: true, files }));
    const ratio = (ms: number): string => round(ms / directMs);
    printTable('Time to the first byte of a stream', ['', 'p50 ms', 'of direct'], [
      ['direct', round(directMs), '1'],
      ['through the runtime', round(ownMs), ratio(ownMs)],
      [`with a collection of ${CHUNKS} chunks`, round(withFilesMs), ratio(withFilesMs)],
    ]);
    direct.close();
    api.client.close();
  } finally {
    await runtime.stop();
    await server.stop();
  }
}
