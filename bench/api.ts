import { setTimeout as sleep } from 'node:timers/promises';
import { createHttpClient, type HttpClient } from './http-client.ts';

/** What the benches do with a server that speaks the Open WebUI API: this project's or Open WebUI itself. */
export type Api = {
  client: HttpClient;
  /** Returns the file's id at once; its processing goes on. */
  upload(name: string, text: string): Promise<string>;
  /** Throws when the processing failed. */
  untilProcessed(fileId: string, pollMs?: number): Promise<void>;
  createKnowledge(name: string): Promise<string>;
  addFiles(knowledgeId: string, fileIds: readonly string[]): Promise<void>;
  query(collection: string, question: string, k: number): Promise<number>;
};

const POLL_MS = 20;
const BOUNDARY = 'bench-form-boundary';

export function createApi(baseUrl: string, apiKey: string): Api {
  const client = createHttpClient(baseUrl, apiKey);
  const post = async (path: string, json: unknown): Promise<Record<string, unknown>> =>
    JSON.parse((await client.request('POST', path, { json })).text) as Record<string, unknown>;
  return {
    client,
    async upload(name, text) {
      const head = `--${BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="${name}"\r\nContent-Type: text/plain\r\n\r\n`;
      const body = Buffer.from(`${head}${text}\r\n--${BOUNDARY}--\r\n`);
      const reply = await client.request('POST', '/api/v1/files/', { body, headers: { 'content-type': `multipart/form-data; boundary=${BOUNDARY}` } });
      return (JSON.parse(reply.text) as { id: string }).id;
    },
    async untilProcessed(fileId, pollMs = POLL_MS) {
      for (;;) {
        const { text } = await client.request('GET', `/api/v1/files/${fileId}/process/status`);
        const { status, error } = JSON.parse(text) as { status: string; error?: string };
        if (status === 'completed') return;
        if (status === 'failed') throw new Error(`The file failed: ${error ?? 'no reason given'}`);
        await sleep(pollMs);
      }
    },
    createKnowledge: async (name) => (await post('/api/v1/knowledge/create', { name, description: 'bench' }))['id'] as string,
    async addFiles(knowledgeId, fileIds) {
      await client.request('POST', `/api/v1/knowledge/${knowledgeId}/files/batch/add`, { json: fileIds.map((id) => ({ file_id: id })) });
    },
    async query(collection, question, k) {
      const { documents } = await post('/api/v1/retrieval/query/collection', { collection_names: [collection], query: question, k });
      return (documents as string[][])[0]?.length ?? 0;
    },
  };
}

/** Waits until /ready says that Chroma answers. */
export async function untilVectorsReady(api: Api): Promise<void> {
  for (;;) {
    const { text } = await api.client.request('GET', '/ready');
    const { notes } = JSON.parse(text) as { notes: Array<{ name: string; ok: boolean }> };
    if (notes.every((note) => note.name !== 'index' || note.ok)) return;
    await sleep(POLL_MS);
  }
}

/** Waits until no background job waits or runs: every vector is in the index. */
export async function untilIdle(api: Api): Promise<void> {
  for (;;) {
    const { text } = await api.client.request('GET', '/metrics');
    if (/jobs_waiting 0\n/u.test(text) && /jobs_running 0\n/u.test(text)) return;
    await sleep(100);
  }
}

/** Characters of a chunk of made-up prose at the default settings, measured: 1,000 at most, cut at a sentence's end, 100 shared. */
const BYTES_PER_CHUNK = 880;
const CHUNKS_PER_FILE = 1000;

/** Fills a new knowledge base with about `chunks` chunks; returns its id when all of them are searchable and no job is left. */
export async function fillKnowledge(api: Api, chunks: number, makeText: (seed: number, sizeBytes: number) => string): Promise<string> {
  const fileIds: string[] = [];
  for (let at = 0; at * CHUNKS_PER_FILE < chunks; at += 1) {
    const size = Math.min(CHUNKS_PER_FILE, chunks - at * CHUNKS_PER_FILE) * BYTES_PER_CHUNK;
    fileIds.push(await api.upload(`manual-${at}.txt`, makeText(at, size)));
  }
  for (const id of fileIds) await api.untilProcessed(id, 200);
  const knowledgeId = await api.createKnowledge(`${chunks} chunks`);
  await api.addFiles(knowledgeId, fileIds);
  await untilIdle(api);
  return knowledgeId;
}
