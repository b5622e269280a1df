import type { Json } from './engine-types.ts';
import type { ScriptedStore, StoredFile } from './scripted-store.ts';
import type { Reply } from './scripted-types.ts';
import { detail, NOT_FOUND, ok, PROHIBITED } from './scripted-types.ts';

function filesIn(store: ScriptedStore, name: string): Array<StoredFile | undefined> {
  if (!name.startsWith('file-')) {
    const { files = [], ghosts = [] } = store.bases.get(name) ?? {};
    return [...files.map((id) => store.current(id)), ...ghosts];
  }
  const id = name.slice('file-'.length);
  return store.emptied.has(id) ? [] : [store.current(id) ?? store.orphans.get(id)];
}

/** The answer of `retrieval/delete`, by which an administrator empties the own collection of a file. */
export function emptiedAnswer(store: ScriptedStore, { collection_name: name, file_id: fileId }: Json): Reply {
  if (!store.isAdmin) return detail(401, PROHIBITED);
  const file = store.current(String(fileId));
  if (!file) return detail(404, NOT_FOUND);
  if (file.hash === null) return detail(400, '[ERROR: File has no hash; cannot delete vector entries by hash.]');
  if (name === `file-${file.id}`) store.emptied.add(file.id);
  return ok({ status: name === `file-${file.id}` });
}

/**
 * The answer of `query/collection`: like Open WebUI it ranks whatever is there, however little it has to do
 * with the query, passes over unknown collections in silence, and gives equal texts once. With hybrid search it
 * keeps three passages after ranking them anew, unless told another number.
 */
export function collectionAnswer(store: ScriptedStore, { collection_names: names, k, k_reranker: reranked }: Json): Json {
  const inCollections = (names as string[]).flatMap((name) => filesIn(store, name));
  const processed = inCollections.filter((file) => file?.data['status'] === 'completed') as StoredFile[];
  const most = store.isHybrid ? Math.min(Number(k), Number(reranked ?? 3)) : Number(k);
  const found = [...new Map(processed.map((file) => [file.text, file])).values()].slice(0, most);
  return {
    distances: [found.map((_, index) => (80 - 10 * index) / 100)],
    documents: [found.map(({ text }) => text)],
    metadatas: [found.map((file) => ({ name: file.filename, source: file.filename, file_id: file.id, page: 1, ...(file.meta['passage'] as Json | undefined) }))],
  };
}
