import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startRuntime, type RunningRuntime } from '../support/runtime.ts';
import { chat, createKnowledge, startEmbeddingServer, until, untilIndexReady, untilNoJobs, uploadText, type EmbeddingServer } from '../fault/service.ts';
import { vectorsHeld } from '../fault/chroma-vectors.ts';

const LINKED = 'The observatory on Mount Elbrin opens at dusk.';
const LOOSE = 'The ferryman of Tarnmouth is called Osric Vane.';

describe('another embedding model after a restart', () => {
  let dataDir = '';
  let server: EmbeddingServer;
  let runtime: RunningRuntime;
  let knowledgeId = '';
  let looseId = '';
  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'model-change-'));
    const before = await startRuntime({ dataDir });
    knowledgeId = (await createKnowledge(before, 'Places')).id as string;
    await uploadText(before, LINKED, 'linked.txt', { knowledge_id: knowledgeId });
    looseId = (await uploadText(before, LOOSE, 'loose.txt')).id as string;
    await before.stop();
    server = await startEmbeddingServer();
    await server.close();
    runtime = await startRuntime({ dataDir, env: server.env });
  });
  afterAll(async () => {
    await runtime?.stop();
    await server?.close();
    await rm(dataDir, { recursive: true, force: true });
  });

  it('leaves every document to be found by its words while the new server is away', async () => {
    const linked = await chat(runtime, 'When does the observatory on Mount Elbrin open?', [{ type: 'collection', id: knowledgeId }]);
    const loose = await chat(runtime, 'What is the ferryman of Tarnmouth called?', [{ type: 'file', id: looseId }]);
    expect([linked.json.sources[0].document, loose.json.sources[0].document]).toEqual([[LINKED], [LOOSE]]);
  });

  it('embeds all stored texts once the server answers, also of files in no knowledge base, and fills the vector index', async () => {
    await server.reopen();
    const passages = (): string[] => server.requests.flatMap((request) => [request.body?.['input'] ?? []].flat().map(String));
    await until('both texts were sent', async () => passages().includes(LINKED) && passages().includes(LOOSE), 30_000);
    await untilIndexReady(runtime);
    await until('the new collection holds the vector', async () => (await vectorsHeld(dataDir, knowledgeId)) === 1, 20_000);
    await untilNoJobs(runtime);
    expect(passages().filter((text) => text === LOOSE)).toHaveLength(1);
  });
});
