import { chromaPort } from './kill/server.ts';

const API = '/api/v2/tenants/default_tenant/databases/default_database/collections';

/** How many vectors the Chroma of this data folder holds for a knowledge base, by its own HTTP API. */
export async function vectorsHeld(dataDir: string, knowledgeId: string): Promise<number> {
  const port = await chromaPort(dataDir);
  if (port === null) return 0;
  const base = `http://127.0.0.1:${port}${API}`;
  const collections = (await (await fetch(`${base}?limit=1000`)).json()) as Array<{ id: string; name: string }>;
  const collection = collections.find(({ name }) => name.startsWith(`kb-${knowledgeId}-`));
  return collection === undefined ? 0 : Number(await (await fetch(`${base}/${collection.id}/count`)).text());
}
