import type { Json } from './engine-types.ts';
import type { ScriptedStore, StoredFile } from './scripted-store.ts';

/**
 * The answer of `query/collection`: like Open WebUI it ranks whatever is there, however little it has to do
 * with the query, passes over unknown collections in silence, and gives equal texts once. With hybrid search it
 * keeps three passages after ranking them anew, unless told another number.
 */
export function collectionAnswer(store: ScriptedStore, { collection_names: names, k, k_reranker: reranked }: Json): Json {
  const ids = (names as string[]).flatMap((name) => (name.startsWith('file-') ? [name.slice('file-'.length)] : (store.bases.get(name)?.files ?? [])));
  const processed = ids.map((id) => store.current(id)).filter((file) => file?.data['status'] === 'completed') as StoredFile[];
  const most = store.isHybrid ? Math.min(Number(k), Number(reranked ?? 3)) : Number(k);
  const found = [...new Map(processed.map((file) => [file.text, file])).values()].slice(0, most);
  return {
    distances: [found.map((_, index) => (80 - 10 * index) / 100)],
    documents: [found.map(({ text }) => text)],
    metadatas: [found.map((file) => ({ name: file.filename, source: file.filename, file_id: file.id, page: 1, ...(file.meta['passage'] as Json | undefined) }))],
  };
}
