import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { startRuntime, type RunningRuntime } from '../support/runtime.ts';
import { chromaPid, killChroma } from './kill/server.ts';
import { spoilVectors, vectorsHeld } from './chroma-vectors.ts';
import { chat, createKnowledge, indexNote, until, untilIndexReady, untilNoJobs, uploadText } from './service.ts';

const FACTS = [
  'The ferry to Island Alma leaves at quarter past nine.',
  'Professor Okonkwo keeps the museum key in the blue drawer.',
  'Machine K-77 must be oiled every second Thursday.',
];

async function seed(runtime: RunningRuntime): Promise<string> {
  const { id } = await createKnowledge(runtime, 'Facts');
  for (const [at, fact] of FACTS.entries()) await uploadText(runtime, fact, `fact-${at}.txt`, { knowledge_id: id });
  await untilIndexReady(runtime);
  await untilNoJobs(runtime);
  return id as string;
}

/** Asks each fact and expects its source first. */
async function expectRightAnswers(runtime: RunningRuntime, knowledgeId: string): Promise<void> {
  for (const [question, fact] of [['When does the ferry to Island Alma leave?', FACTS[0]], ['Where is the museum key?', FACTS[1]], ['How often must machine K-77 be oiled?', FACTS[2]]]) {
    const { status, json } = await chat(runtime, question ?? '', [{ type: 'collection', id: knowledgeId }]);
    expect([status, json.sources?.[0]?.document[0]]).toEqual([200, fact]);
  }
}

describe('a Chroma that is killed while the service runs', () => {
  let runtime: RunningRuntime;
  let knowledgeId = '';
  beforeAll(async () => {
    runtime = await startRuntime();
    knowledgeId = await seed(runtime);
  });
  afterAll(async () => runtime?.stop());

  it('costs no answer, is noted by /ready, and is started again and used', async () => {
    const before = await chromaPid(runtime.dataDir);
    expect(await killChroma(runtime.dataDir)).toBe(true);
    await expectRightAnswers(runtime, knowledgeId);
    await until('another Chroma runs', async () => ![null, before].includes(await chromaPid(runtime.dataDir)) && (await indexNote(runtime)).ok);
    await expectRightAnswers(runtime, knowledgeId);
    expect(runtime.output()).toContain('the vector index ended and will be started again');
  });

  it('is called unavailable, with the reason, when it is killed again and again, and the answers stay right', async () => {
    let note = await indexNote(runtime);
    await until('/ready says that the index is away', async () => {
      await killChroma(runtime.dataDir);
      note = await indexNote(runtime);
      return !note.ok;
    });
    expect(note.reason).toMatch(/^Chroma ended .*Answers come from the word index and an exact comparison meanwhile\.$/u);
    await expectRightAnswers(runtime, knowledgeId);
    await untilIndexReady(runtime);
  });
});

describe('a Chroma folder that is damaged between two runs', () => {
  let dataDir = '';
  let knowledgeId = '';
  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'damaged-'));
    const runtime = await startRuntime({ dataDir });
    knowledgeId = await seed(runtime);
    await runtime.stop();
  });
  afterAll(() => rm(dataDir, { recursive: true, force: true }));

  const folder = (): string => join(dataDir, 'chroma');
  it.each([
    ['as a whole deleted', () => rm(folder(), { recursive: true })],
    ['overwritten in its database', () => writeFile(join(folder(), 'chroma.sqlite3'), 'not a database at all '.repeat(400))],
    ['emptied in its database', () => writeFile(join(folder(), 'chroma.sqlite3'), '')],
    ['replaced by a file', async () => {
      await rm(folder(), { recursive: true });
      await writeFile(folder(), 'in the way');
    }],
  ])('%s costs no answer, and the index is built again from the stored vectors', async (_how, damage) => {
    await damage();
    const runtime = await startRuntime({ dataDir });
    try {
      await expectRightAnswers(runtime, knowledgeId);
      await untilIndexReady(runtime);
      await untilNoJobs(runtime);
      await expectRightAnswers(runtime, knowledgeId);
      await until('Chroma holds the three vectors again', async () => (await vectorsHeld(dataDir, knowledgeId)) === FACTS.length, 20_000);
    } finally {
      await runtime.stop();
    }
  });
});

describe('a Chroma that does not find all vectors again', () => {
  let dataDir = '';
  beforeEach(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'index-misses-'));
  });
  afterEach(() => rm(dataDir, { recursive: true, force: true }));

  it.each([
    ['a few, as an approximate index may', 3, false],
    ['many', 20, true],
  ])('is rebuilt only when it is more than a few (%s)', async (_what, count, isRebuilt) => {
    const env = { CHUNK_SIZE: '100', CHUNK_OVERLAP: '0' };
    const first = await startRuntime({ dataDir, env });
    const { id } = await createKnowledge(first, 'Shelves');
    const text = Array.from({ length: 40 }, (_, at) => `Shelf ${at} carries the ${['glasses', 'plates', 'pots', 'spoons'][at % 4]} that guest ${at * 7} has brought along for the party.`);
    await uploadText(first, text.join('\n\n'), 'shelves.txt', { knowledge_id: id });
    await untilIndexReady(first);
    await untilNoJobs(first);
    expect(await vectorsHeld(dataDir, id)).toBe(40);
    await spoilVectors(dataDir, id, count);
    await first.stop();
    const second = await startRuntime({ dataDir, env });
    try {
      await untilIndexReady(second);
      await untilNoJobs(second);
      expect(/it does not find \d+ of 32 vectors again/u.test(second.output())).toBe(isRebuilt);
      expect(await vectorsHeld(dataDir, id)).toBe(40);
    } finally {
      await second.stop();
    }
  });
});
