import { chromaPort } from './kill/server.ts';

const API = '/api/v2/tenants/default_tenant/databases/default_database/collections';

/** The address of the collection of a knowledge base in the Chroma of this data folder; null while there is none. */
async function collectionUrl(dataDir: string, knowledgeId: string): Promise<string | null> {
  const port = await chromaPort(dataDir);
  if (port === null) return null;
  const base = `http://127.0.0.1:${port}${API}`;
  const collections = (await (await fetch(`${base}?limit=1000`)).json()) as Array<{ id: string; name: string }>;
  const collection = collections.find(({ name }) => name.startsWith(`kb-${knowledgeId}-`));
  return collection === undefined ? null : `${base}/${collection.id}`;
}

/** How many vectors the Chroma of this data folder holds for a knowledge base, by its own HTTP API. */
export async function vectorsHeld(dataDir: string, knowledgeId: string): Promise<number> {
  const url = await collectionUrl(dataDir, knowledgeId);
  return url === null ? 0 : Number(await (await fetch(`${url}/count`)).text());
}

async function post(url: string, body: object): Promise<unknown> {
  const answer = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
  if (!answer.ok) throw new Error(`${url} answered ${answer.status}: ${await answer.text()}`);
  return await answer.json();
}

/** Puts vectors that point the other way in the place of the first `count`; nothing but a search can tell. */
export async function spoilVectors(dataDir: string, knowledgeId: string, count: number): Promise<void> {
  const url = await collectionUrl(dataDir, knowledgeId);
  if (url === null) throw new Error('Chroma has no vectors of this knowledge base');
  const { ids, embeddings } = (await post(`${url}/get`, { include: ['embeddings'], limit: count })) as { ids: string[]; embeddings: number[][] };
  await post(`${url}/update`, { ids, embeddings: embeddings.map((vector) => vector.map((part) => -part)) });
}
