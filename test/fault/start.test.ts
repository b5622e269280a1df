import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startRuntime, TEST_API_KEY, type RunningRuntime } from '../support/runtime.ts';
import { call, chat, uploadText } from './service.ts';

/** Runs the service to its end; for starts that must fail. */
async function failingStart(env: Record<string, string>): Promise<{ code: number | null; errors: string }> {
  const child = spawn(process.execPath, ['--import', 'tsx', 'runtime/src/main.ts'], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { PATH: process.env['PATH'], HOME: process.env['HOME'], PORT: '0', LOG_LEVEL: 'silent', ...env },
  });
  let errors = '';
  child.stderr.on('data', (piece) => { errors += String(piece); });
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, errors };
}

async function closedPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

describe('a running service, its Ollama dead', () => {
  let runtime: RunningRuntime;
  let ollamaUrl = '';
  beforeAll(async () => {
    ollamaUrl = `http://127.0.0.1:${await closedPort()}`;
    runtime = await startRuntime({ env: { OLLAMA_BASE_URLS: ollamaUrl } });
  });
  afterAll(async () => runtime?.stop());

  it('keeps a second one off its data folder, with a sentence', async () => {
    const { code, errors } = await failingStart({ DATA_DIR: runtime.dataDir });
    expect(code).toBe(1);
    expect(errors).toBe(
      `openwebui-rag-runtime cannot start: Process ${runtime.pid} already uses the data folder ${runtime.dataDir}. Stop it first, or set DATA_DIR to another folder.\n`,
    );
    expect((await call(runtime, 'GET', '/health')).status).toBe(200);
  });

  it('refuses a port in use with a sentence, and leaves nothing running', async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'port-'));
    const { code, errors } = await failingStart({ DATA_DIR: dataDir, PORT: new URL(runtime.baseUrl).port });
const address = runtime.baseUrl.replace('http://', '');
    expect([code, errors]).toEqual([1, `openwebui-rag-runtime cannot start: Another program listens on ${address} already. Stop it, or set PORT to another port.\n`]);
    await rm(dataDir, { recursive: true });
  });

  it('refuses an address that the machine does not have with a sentence', async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'host-'));
    const { code, errors } = await failingStart({ DATA_DIR: dataDir, HOST: '192.0.2.1' });
    expect([code, errors]).toEqual([1, 'openwebui-rag-runtime cannot start: 192.0.2.1 is not an address of this machine. Set HOST to 127.0.0.1, or to 0.0.0.0 for all of its addresses.\n']);
    await rm(dataDir, { recursive: true });
  });

  it('lists and answers with the built-in models', async () => {
    const { json } = await call(runtime, 'GET', '/api/models');
    expect(json.data.map((model: { id: string }) => model.id)).toContain('builtin/extractive');
    const file = await uploadText(runtime, 'The lighthouse keeper is called Marta Lindqvist.', 'keeper.txt');
    const answer = await chat(runtime, 'What is the lighthouse keeper called?', [{ type: 'file', id: file.id }]);
    expect(answer.json.choices[0].message.content).toContain('Marta Lindqvist');
  });

  it('is ready all the same and says which server does not answer', async () => {
    await call(runtime, 'GET', '/ollama/api/tags');
    const { status, json } = await call(runtime, 'GET', '/ready');
    expect([status, json.ready]).toEqual([200, true]);
    expect(json.models).toEqual([{ name: expect.any(String), url: ollamaUrl, ok: false, error: `Cannot connect to Ollama at ${ollamaUrl} (ECONNREFUSED). Check that it runs and that the address is right.` }]);
  });
});

describe('bad settings', () => {
  it('stop the start with a sentence for each, and make no data folder', async () => {
    const { code, errors } = await failingStart({ DATA_DIR: '/nonexistent/never-made', CHUNK_SIZE: 'many', RAG_TOP_K: '0', OLLAMA_BASE_URLS: 'ftp://x', ENV: 'test', ENABLE_SIGNUP: 'perhaps' });
    expect(code).toBe(2);
    expect(errors.trimEnd().split('\n')).toEqual([
      'The settings cannot be used:',
      expect.stringMatching(/^ {2}- ENV must be .*prod.*dev/u),
      '  - ENABLE_SIGNUP must be true or false.',
      '  - OLLAMA_BASE_URLS has "ftp://x", which is not an http or https address.',
      '  - CHUNK_SIZE must be a whole number from 100 to 20000.',
      '  - RAG_TOP_K must be a whole number from 1 to 100.',
    ]);
  });

  it.each([
    [{ CHUNK_SIZE: '200', CHUNK_OVERLAP: '200' }, 'CHUNK_OVERLAP must be smaller than CHUNK_SIZE.'],
    [{ OFFLINE_MODE: 'true', OLLAMA_BASE_URLS: 'http://ollama.example.com:11434' }, 'OFFLINE_MODE is on, but http://ollama.example.com:11434 is not on this machine.'],
    [{ RAG_EMBEDDING_ENGINE: 'ollama' }, 'RAG_EMBEDDING_MODEL must name a model when RAG_EMBEDDING_ENGINE is ollama.'],
  ])('that contradict each other stop it, too: %j', async (env, sentence) => {
    const { code, errors } = await failingStart({ DATA_DIR: '/nonexistent/never-made', ...(env as unknown as Record<string, string>) });
    expect([code, errors]).toEqual([2, expect.stringContaining(`  - ${sentence}\n`)]);
  });

  it('such as a data folder that cannot be written stop it with a sentence, not with a stack', async () => {
    const { code, errors } = await failingStart({ DATA_DIR: '/dev/null/data' });
    expect(code).toBe(1);
    expect(errors).toMatch(/^openwebui-rag-runtime cannot start: [^\n]*\/dev\/null\/data[^\n]*\n$/u);
  });
});

describe('a service at its very first start', () => {
  it('makes callers with the admin\'s key wait until the admin is there, and refuses none of them', async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'first-'));
    const port = await closedPort();
    const starting = startRuntime({ dataDir, env: { PORT: String(port), VECTOR_DB: 'none' } });
    const statuses = new Set<number>();
    const headers = { authorization: `Bearer ${TEST_API_KEY}` };
    let isListening = false;
    void starting.then(() => { isListening = true; });
    while (!isListening) {
      const answer = await fetch(`http://127.0.0.1:${port}/api/models`, { headers }).catch(() => null);
      if (answer !== null) statuses.add(answer.status);
      await sleep(10);
    }
    expect([...statuses]).toEqual([200]);
    await (await starting).stop();
    await rm(dataDir, { recursive: true });
  });
});
