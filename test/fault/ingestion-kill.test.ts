import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from '@jest/globals';
import { startRuntime, type RunningRuntime } from '../support/runtime.ts';
import { killChroma } from './kill/server.ts';
import { readStoredState } from './kill/stored-state.ts';
import { call, createKnowledge, settledStatus, statusOf, untilIndexReady, untilNoJobs, uploadPending } from './service.ts';

const FILES = 12;
/** As in http/app.ts. */
const KEEP_ALIVE_MS = 10_000;
const folders: string[] = [];
let dataDir = '';
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'ingest-kill-'));
  folders.push(dataDir);
});
afterAll(async () => {
  for (const folder of folders) await rm(folder, { recursive: true, force: true });
});

const text = (number: number): string => Array.from({ length: 400 }, (_, at) => `Parcel ${number}-${at} weighs ${(number * 31 + at * 7) % 97} kilograms.`).join(' ');

/** Uploads files into a knowledge base and returns their ids while most are still in work. */
async function uploadMany(runtime: RunningRuntime): Promise<{ knowledgeId: string; ids: string[] }> {
  const { id: knowledgeId } = await createKnowledge(runtime, 'Parcels');
  const ids = await Promise.all(Array.from({ length: FILES }, (_, number) => uploadPending(runtime, text(number), `parcel-${number}.txt`, { knowledge_id: knowledgeId })));
  const blank = await uploadPending(runtime, ' \n', 'blank.txt');
  return { knowledgeId, ids: [...ids, blank] };
}

async function unfinished(runtime: RunningRuntime, ids: string[]): Promise<number> {
  const statuses = await Promise.all(ids.map((id) => statusOf(runtime, id)));
  return statuses.filter(({ status }) => status === 'pending' || status === 'processing').length;
}

/** Every file ends, the bytes are there, the knowledge base holds each once, and a search finds each text once. */
async function expectAllDone(runtime: RunningRuntime, knowledgeId: string, ids: string[]): Promise<void> {
  for (const id of ids.slice(0, FILES)) expect(await settledStatus(runtime, id)).toEqual({ status: 'completed' });
  expect(await settledStatus(runtime, ids.at(-1) ?? '')).toEqual({ status: 'failed', error: 'The file holds no text.' });
  for (const [number, id] of ids.slice(0, FILES).entries()) {
    expect((await call(runtime, 'GET', `/api/v1/files/${id}/content`)).text).toBe(text(number));
  }
  const { json: listed } = await call(runtime, 'GET', `/api/v1/knowledge/${knowledgeId}/files?limit=100`);
  expect(listed.items.map((file: { id: string }) => file.id).sort()).toEqual(ids.slice(0, FILES).sort());
  await untilIndexReady(runtime);
  await untilNoJobs(runtime);
  const { json } = await call(runtime, 'POST', '/api/v1/retrieval/query/doc', { json: { collection_name: knowledgeId, query: 'Parcel 7-3 weighs', k: 100 } });
  expect(json.documents[0].length).toBeGreaterThan(10);
  expect(new Set(json.ids[0]).size).toBe(json.ids[0].length);
  expect(new Set(json.documents[0]).size).toBe(json.documents[0].length);
}

describe('uploads that are in work when the service is', () => {
  it.each([
    ['killed alone', async (runtime: RunningRuntime) => runtime.kill()],
    ['killed together with its Chroma', async (runtime: RunningRuntime) => {
      await Promise.all([runtime.kill(), killChroma(runtime.dataDir)]);
    }],
    ['asked to stop', async (runtime: RunningRuntime) => {
      await runtime.stop();
      expect(await runtime.exited).toBe(0);
    }],
  ])('%s all end after the next start, and none is there twice', async (_how, end) => {
    const first = await startRuntime({ dataDir, env: { INGEST_CONCURRENCY: '1' } });
    const { knowledgeId, ids } = await uploadMany(first);
    expect(await unfinished(first, ids)).toBeGreaterThan(0);
    await end(first);
    expect((await readStoredState(dataDir)).contradictions).toEqual([]);
    const second = await startRuntime({ dataDir });
    try {
      await expectAllDone(second, knowledgeId, ids);
    } finally {
      await second.stop();
    }
    const state = await readStoredState(dataDir);
    expect([state.contradictions, state.jobs, state.blobs.length]).toEqual([[], 0, FILES + 1]);
  });

  it('stopped end while clients watch them, in less than the keep-alive of a connection', async () => {
    const runtime = await startRuntime({ dataDir, env: { INGEST_CONCURRENCY: '1' } });
    const { ids } = await uploadMany(runtime);
    const answers = ids.map((id) => call(runtime, 'GET', `/api/v1/files/${id}/process/status?stream=true`).catch(() => null));
    const timeout = setTimeout(() => void runtime.kill(), KEEP_ALIVE_MS);
    await runtime.stop();
    clearTimeout(timeout);
    expect(await runtime.exited).toBe(0);
    await Promise.all(answers);
  });
});
