import { ChromaClient } from 'chromadb';
import type { AckedFile, Ledger } from './ledger.ts';
import { chromaPort, until } from './server.ts';
import type { StoredChunk, StoredState } from './stored-state.ts';
import { send } from './traffic.ts';

export type CheckDeps = { baseUrl: string; dataDir: string; ledger: Ledger; state: StoredState };
type QueryAnswer = { documents: string[][]; metadatas: Array<Array<{ file_id?: string }>> };

/** Queries in flight at a time. */
const LANES = 4;

async function inLanes<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const rest = [...items];
  await Promise.all(Array.from({ length: LANES }, async () => {
    for (let item = rest.shift(); item !== undefined; item = rest.shift()) await work(item);
  }));
}

/** I1 and I3: what is there is whole, what was deleted answers 404. */
export async function checkBytes({ baseUrl, ledger }: CheckDeps): Promise<string[]> {
  const problems: string[] = [];
  await inLanes(ledger.files, async (file) => {
    const key = ledger.owners[file.owner]?.key ?? '';
    const answer = await fetch(`${baseUrl}/api/v1/files/${file.id}/content`, { headers: { authorization: `Bearer ${key}` } });
    const bytes = Buffer.from(await answer.arrayBuffer());
    const isGone = answer.status === 404;
    if (file.isDeleted === 'yes' && !isGone) problems.push(`I3 deleted ${file.document.name} is readable (${answer.status})`);
    if (file.isDeleted === 'no' && isGone) problems.push(`I1 acknowledged ${file.document.name} is lost`);
    if (!isGone && !bytes.equals(file.document.bytes)) problems.push(`I1 ${file.document.name} has other bytes (${answer.status})`);
  });
  return problems;
}

async function query(deps: CheckDeps, key: string, collection: string, text: string): Promise<QueryAnswer | string> {
  const answer = await send(deps.baseUrl, key, 'POST', '/api/v1/retrieval/query/collection', { collection_names: [collection], query: text, k: 5 });
  return answer?.status === 200 ? (JSON.parse(answer.text) as QueryAnswer) : `the query answered ${answer?.status}: ${answer?.text}`;
}

/** I2 and I3 and nothing twice: each chunk is found by its own text in its file and in every knowledge base that holds it. Returns how many queries were asked, too. */
export async function checkFindable(deps: CheckDeps): Promise<{ problems: string[]; queries: number }> {
  const problems: string[] = [];
  let queries = 0;
  const living = new Map(deps.state.files.filter((file) => !file.isHidden && file.status === 'completed').map((file) => [file.id, file]));
  const ownerOf = new Map(deps.ledger.files.map((file) => [file.id, file.owner]));
  const holders = Map.groupBy([...deps.state.links].flatMap(([knowledgeId, ids]) => ids.map((id) => ({ id, knowledgeId }))), ({ id }) => id);
  await inLanes(deps.state.chunks, async (chunk) => {
    if (!living.has(chunk.fileId)) return;
    const key = deps.ledger.owners[ownerOf.get(chunk.fileId) ?? 0]?.key ?? '';
    const scopes = [`file-${chunk.fileId}`, ...(holders.get(chunk.fileId) ?? []).map(({ knowledgeId }) => knowledgeId)];
    for (const scope of scopes) {
      queries += 1;
      const answer = await query(deps, key, scope, chunk.text);
      problems.push(...judge(answer, chunk, scope, living).map((problem) => `${problem} (${living.get(chunk.fileId)?.filename} in ${scope})`));
    }
  });
  return { problems, queries };
}

function judge(answer: QueryAnswer | string, chunk: StoredChunk, scope: string, living: ReadonlyMap<string, unknown>): string[] {
  if (typeof answer === 'string') return [`I2 ${answer}`];
  const documents = answer.documents[0] ?? [];
  const fileIds = (answer.metadatas[0] ?? []).map((metadata) => metadata.file_id ?? '');
  const problems: string[] = [];
  if (!documents.includes(chunk.text)) problems.push(`I2 chunk ${chunk.id} is not found by its own text`);
  if (new Set(documents).size !== documents.length) problems.push(`a text is found twice by chunk ${chunk.id}`);
  if (fileIds.some((id) => !living.has(id))) problems.push(`I3 a file that is gone is found by chunk ${chunk.id}`);
  if (scope === `file-${chunk.fileId}` && fileIds.some((id) => id !== chunk.fileId)) problems.push(`I6 the search of one file finds another`);
  return problems;
}

/** I6: the second owner neither reads nor searches what is the first one's. */
export async function checkStranger(deps: CheckDeps): Promise<string[]> {
  const problems: string[] = [];
  const stranger = deps.ledger.owners[1]?.key ?? '';
  await inLanes(deps.ledger.files.filter((file: AckedFile) => file.owner === 0), async (file) => {
    const answer = await send(deps.baseUrl, stranger, 'GET', `/api/v1/files/${file.id}/content`);
    if (answer?.status !== 404) problems.push(`I6 a stranger's call for ${file.document.name} answered ${answer?.status}`);
  });
  for (const knowledgeId of deps.ledger.owners[0]?.knowledgeIds ?? []) {
    const answer = await query(deps, stranger, knowledgeId, 'serial');
    if (typeof answer !== 'string' || !answer.includes('403')) problems.push(`I6 a stranger may search ${knowledgeId}`);
  }
  return problems;
}

/** Chroma itself holds exactly the chunks of the linked files, and finds each by its own vector. */
export async function checkChroma(deps: CheckDeps): Promise<{ problems: string[]; vectors: number }> {
  const port = await chromaPort(deps.dataDir);
  if (port === null) return { problems: ['Chroma is not running'], vectors: 0 };
  const client = new ChromaClient({ host: '127.0.0.1', port });
  const problems: string[] = [];
  let vectors = 0;
  for (const [knowledgeId, fileIds] of deps.state.links) {
    const wanted = deps.state.chunks.filter((chunk) => fileIds.includes(chunk.fileId)).map((chunk) => chunk.id).sort();
    let held: Awaited<ReturnType<typeof contents>> = [];
    await until(`Chroma's collection of ${knowledgeId} is complete`, async () => {
      held = await contents(client, knowledgeId);
      return held.length === wanted.length;
    }, 30_000).catch((error: unknown) => problems.push(`${String(error)} (${held.length} of ${wanted.length})`));
    if (held.map(({ id }) => id).sort().join() !== wanted.join()) problems.push(`I2 Chroma's collection of ${knowledgeId} holds other chunks than its files have`);
    for (const entry of held) if (!(await isFoundBy(client, knowledgeId, entry))) problems.push(`I2 Chroma does not find chunk ${entry.id} by its own vector`);
    vectors += held.length;
  }
  return { problems, vectors };
}

async function collectionOf(client: ChromaClient, knowledgeId: string) {
  const collections = (await client.listCollections({ limit: 1000 })).filter(({ name }) => name.startsWith(`kb-${knowledgeId}-`));
  if (collections.length > 1) throw new Error(`Knowledge base ${knowledgeId} has ${collections.length} collections`);
  return collections[0];
}

async function contents(client: ChromaClient, knowledgeId: string): Promise<Array<{ id: string; vector: number[] }>> {
  const collection = await collectionOf(client, knowledgeId);
  if (collection === undefined) return [];
  const { ids, embeddings } = await collection.get({ include: ['embeddings'], limit: 100_000 });
  return ids.map((id, at) => ({ id, vector: [...(embeddings[at] ?? [])] }));
}

async function isFoundBy(client: ChromaClient, knowledgeId: string, entry: { id: string; vector: number[] }): Promise<boolean> {
  const collection = await collectionOf(client, knowledgeId);
  const found = await collection?.query({ queryEmbeddings: [entry.vector], nResults: 10, include: ['distances'] });
  const at = found?.ids[0]?.indexOf(entry.id) ?? -1;
  // Equal texts have equal vectors: one of them must be there, at no distance.
  return at >= 0 || (found?.distances[0]?.[0] ?? 1) < 0.0001;
}
