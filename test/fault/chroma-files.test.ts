import { mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startRuntime, type RunningRuntime } from '../support/runtime.ts';
import { vectorsHeld } from './chroma-vectors.ts';
import { call, chat, createKnowledge, until, untilIndexReady, untilNoJobs, uploadText } from './service.ts';

/** More than Chroma keeps in its log alone (it writes its index files every 1,000 vectors). */
const SENTENCES = 1600;
const ENV = { CHUNK_SIZE: '100', CHUNK_OVERLAP: '0', RAG_HYBRID_BM25_WEIGHT: '0' };
const sentence = (number: number): string => `Locker ${number} in corridor ${(number * 7) % 89} holds ${['skates', 'ropes', 'maps', 'lanterns', 'flags'][number % 5]} of team ${(number * 31) % 211} and one spare key.`;

let dataDir = '';
let knowledgeId = '';
let vectorCount = 0;

async function indexFiles(): Promise<string[]> {
  const entries = await readdir(join(dataDir, 'chroma'), { withFileTypes: true, recursive: true });
  return entries.filter((entry) => entry.isFile() && /\.(bin|pickle)$/u.test(entry.name)).map((entry) => join(entry.parentPath, entry.name));
}

/** By vectors alone: the words are switched off. */
async function expectFound(runtime: RunningRuntime): Promise<void> {
  for (const number of [0, 3, 777, 1234, SENTENCES - 1]) {
    const { json } = await call(runtime, 'POST', '/api/v1/retrieval/query/doc', { json: { collection_name: knowledgeId, query: sentence(number), k: 3 } });
    expect(json.documents[0]).toContain(sentence(number));
  }
  expect((await chat(runtime, 'What does locker 777 hold?', [{ type: 'collection', id: knowledgeId }])).status).toBe(200);
}

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'index-files-'));
  const runtime = await startRuntime({ dataDir, env: ENV });
  knowledgeId = (await createKnowledge(runtime, 'Lockers')).id;
  for (let part = 0; part < 4; part += 1) {
    const text = Array.from({ length: SENTENCES / 4 }, (_, at) => sentence(part * (SENTENCES / 4) + at)).join('\n\n');
    await uploadText(runtime, text, `lockers-${part}.txt`, { knowledge_id: knowledgeId });
  }
  await untilIndexReady(runtime);
  await untilNoJobs(runtime);
  vectorCount = await vectorsHeld(dataDir, knowledgeId);
  await runtime.stop();
});
afterAll(() => rm(dataDir, { recursive: true, force: true }));

describe('index files of Chroma', () => {
  it('exist in this test, so that there is something to damage', async () => {
    expect(vectorCount).toBeGreaterThanOrEqual(SENTENCES);
    expect((await indexFiles()).length).toBeGreaterThan(0);
  });

  it.each([
    ['deleted', async (path: string) => rm(path)],
    ['cut in half', async (path: string) => truncate(path, Math.floor((await readFile(path)).length / 2))],
    ['overwritten with noise', async (path: string) => writeFile(path, Buffer.from((await readFile(path)).map((byte, at) => (byte * 31 + at * 17) & 0xff)))],
  ])('%s between two runs cost no answer, and are built again', async (_how, damage) => {
    for (const path of await indexFiles()) await damage(path);
    const runtime = await startRuntime({ dataDir, env: ENV });
    try {
      await expectFound(runtime);
      await untilIndexReady(runtime);
      await until('Chroma holds every vector again', async () => (await vectorsHeld(dataDir, knowledgeId).catch(() => 0)) === vectorCount, 40_000);
      await untilNoJobs(runtime);
      await expectFound(runtime);
    } finally {
      await runtime.stop();
    }
  });

  it('that were built again give the next start nothing to complain of', async () => {
    const runtime = await startRuntime({ dataDir, env: ENV });
    try {
      await untilIndexReady(runtime);
      await untilNoJobs(runtime);
      await expectFound(runtime);
      expect(runtime.output()).not.toMatch(/lost data|damaged|does not answer/u);
    } finally {
      await runtime.stop();
    }
  });
});
