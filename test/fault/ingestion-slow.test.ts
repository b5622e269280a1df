import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { startRuntime, type RunningRuntime } from '../support/runtime.ts';
import { TEXT } from '../http/contract/client.ts';
import { call, chat, createKnowledge, settledStatus, startEmbeddingServer, statusOf, until, untilNoJobs, uploadPending, type EmbeddingServer } from './service.ts';

let embeddings: EmbeddingServer;
let runtime: RunningRuntime;
beforeAll(async () => {
  embeddings = await startEmbeddingServer();
  runtime = await startRuntime({ env: { ...embeddings.env, INGEST_MAX_ATTEMPTS: '2', RAG_EMBEDDING_TIMEOUT: '5' } });
});
afterAll(async () => {
  await runtime?.stop();
  await embeddings?.close();
});

/** Waits until the embedding server holds a request for a text that contains `part`. */
async function untilAsked(part: string): Promise<void> {
  await until(`the server is asked to embed ${part}`, () => embeddings.requests.some((request) => JSON.stringify(request.body).includes(part)), 20_000);
}

describe('a file whose embedding takes its time', () => {
  it('is waited for by a chat that names it', async () => {
    embeddings.mode = 'slow';
    const id = await uploadPending(runtime, 'The night train to Narvik leaves from platform eleven.', 'train.txt');
    expect(await statusOf(runtime, id)).toEqual({ status: expect.stringMatching(/^(pending|processing)$/u) });
    const answer = await chat(runtime, 'Where does the night train to Narvik leave?', [{ type: 'file', id }]);
    expect([answer.status, answer.json.sources[0].metadata[0].file_id]).toEqual([200, id]);
    expect(answer.json.choices[0].message.content).toContain('platform eleven');
    embeddings.mode = 'ok';
  });

  it('is waited for by an add, which links it then', async () => {
    embeddings.mode = 'slow';
    const { id: knowledgeId } = await createKnowledge(runtime, 'Trains');
    const id = await uploadPending(runtime, 'The slow train to Bodo stops forty times.', 'slow.txt');
    expect((await statusOf(runtime, id)).status).not.toBe('completed');
    const added = await call(runtime, 'POST', `/api/v1/knowledge/${knowledgeId}/file/add`, { json: { file_id: id } });
    expect([added.status, added.json.files.map((file: { id: string }) => file.id)]).toEqual([200, [id]]);
    expect(await statusOf(runtime, id)).toEqual({ status: 'completed' });
    embeddings.mode = 'ok';
  });

  it('and is deleted meanwhile is gone for good: row, bytes, search', async () => {
    embeddings.mode = 'slow';
    const { id: knowledgeId } = await createKnowledge(runtime, 'Deleted');
    const id = await uploadPending(runtime, 'Zanzibar keeps a secret recipe for clove tea.', 'secret.txt', { knowledge_id: knowledgeId });
    await untilAsked('Zanzibar');
    const waiting = chat(runtime, 'Who keeps a recipe?', [{ type: 'file', id }]);
    expect((await call(runtime, 'DELETE', `/api/v1/files/${id}`)).json).toEqual({ message: 'File deleted successfully' });
    // Deleted while the chat waited, or just before it looked.
    expect([404, 400]).toContain((await waiting).status);
    await untilNoJobs(runtime);
    embeddings.mode = 'ok';
    const read = await call(runtime, 'GET', `/api/v1/files/${id}`);
    expect([read.status, read.json]).toEqual([404, { detail: TEXT.notFound }]);
    expect((await call(runtime, 'GET', `/api/v1/knowledge/${knowledgeId}/files`)).json.items).toEqual([]);
    const { json } = await call(runtime, 'POST', '/api/v1/retrieval/query/collection', { json: { collection_names: [knowledgeId], query: 'Zanzibar clove tea' } });
    expect(json).toEqual({ distances: [[]], documents: [[]], metadatas: [[]] });
    expect(await readdir(join(runtime.dataDir, 'blobs'))).not.toContain(id);
  });
});

describe('an embedding server that dies while it embeds a file', () => {
  it('and comes back gets the file once more, and it completes', async () => {
    embeddings.mode = 'silent';
    const id = await uploadPending(runtime, 'Harbour master Ines signs every permit herself.', 'permit.txt');
    await untilAsked('Ines');
    await embeddings.close();
    embeddings.mode = 'ok';
    expect((await statusOf(runtime, id)).status).toBe('processing');
    await embeddings.reopen();
    expect(await settledStatus(runtime, id)).toEqual({ status: 'completed' });
    const answer = await chat(runtime, 'Who signs every permit?', [{ type: 'file', id }]);
    expect(answer.json.choices[0].message.content).toContain('Ines');
  });

  it('or only hangs, and answers the second time, completes the file as well', async () => {
    embeddings.mode = 'silent';
    const id = await uploadPending(runtime, 'Archivist Bora files letters by the colour of their stamps.', 'archive.txt');
    await until('the first attempt is over', () => runtime.output().includes('A job will be tried again'), 20_000);
    embeddings.mode = 'ok';
    expect(await settledStatus(runtime, id)).toEqual({ status: 'completed' });
  });

  it('and stays away costs the questions nothing but their vectors, and fails a new file with the reason', async () => {
    const known = await uploadPending(runtime, 'The bakery on Mill Lane bakes rye bread on Fridays.', 'bakery.txt');
    expect(await settledStatus(runtime, known)).toEqual({ status: 'completed' });
    await embeddings.close();
    const answer = await chat(runtime, 'When does the bakery on Mill Lane bake rye bread?', [{ type: 'file', id: known }]);
    expect([answer.status, answer.json.choices[0].message.content]).toEqual([200, expect.stringContaining('Fridays')]);
    const id = await uploadPending(runtime, 'Nobody will embed this sentence.', 'lost.txt');
    const status = await settledStatus(runtime, id);
    expect(status).toEqual({ status: 'failed', error: `Cannot connect to the model server at ${embeddings.env['RAG_OPENAI_API_BASE_URL']} (ECONNREFUSED). Check that it runs and that the address is right. (2 attempts)` });
    await embeddings.reopen();
    const again = await uploadPending(runtime, 'Somebody will embed this sentence.', 'found.txt');
    expect(await settledStatus(runtime, again)).toEqual({ status: 'completed' });
  });
});
