import type { FileVersion } from '../ports/chunk-store.ts';
import type { KnowledgeStore } from '../ports/knowledge-store.ts';

/**
 * Which files each knowledge base holds, kept in memory between changes. Sound because one process owns the data folder and
 * every change passes through a use case that calls `invalidate` after its transaction.
 */
export interface KnowledgeCache {
  files(knowledgeId: string): Promise<ReadonlyMap<string, FileVersion>>;
  /** What the vector index has acknowledged for the collection. */
  indexed(knowledgeId: string, collection: string): Promise<ReadonlyMap<string, FileVersion>>;
  /** Rises with each invalidation: other derived data can tell whether it is current. */
  revision(knowledgeId: string): number;
  invalidate(knowledgeId: string): void;
  /** Only what the vector index holds has changed. */
  invalidateIndexed(knowledgeId: string): void;
}

type Entry = { files?: Promise<ReadonlyMap<string, FileVersion>>; indexed: Map<string, Promise<ReadonlyMap<string, FileVersion>>> };

export function createKnowledgeCache(knowledge: KnowledgeStore): KnowledgeCache {
  const entries = new Map<string, Entry>();
  const revisions = new Map<string, number>();
  const entry = (id: string): Entry => {
    const found = entries.get(id) ?? { indexed: new Map() };
    entries.set(id, found);
    return found;
  };
  const byFile = (versions: FileVersion[]): ReadonlyMap<string, FileVersion> => new Map(versions.map((version) => [version.fileId, version]));
  /** A failed load must not be remembered. */
  const forgetOnError = <T>(id: string, load: Promise<T>): Promise<T> => {
    load.catch(() => entries.delete(id));
    return load;
  };
  return {
    files(id) {
      const cached = entry(id);
      cached.files ??= forgetOnError(id, knowledge.fileVersions(id).then(byFile));
      return cached.files;
    },
    indexed(id, collection) {
      const cached = entry(id);
      const found = cached.indexed.get(collection) ?? forgetOnError(id, knowledge.indexed(collection).then(byFile));
      cached.indexed.set(collection, found);
      return found;
    },
    invalidateIndexed(id) {
      const found = entries.get(id);
      // A new entry: a load that is under way must not put its old answer back.
      if (found !== undefined) entries.set(id, { ...found, indexed: new Map() });
    },
    revision: (id) => revisions.get(id) ?? 0,
    invalidate(id) {
      entries.delete(id);
      revisions.set(id, (revisions.get(id) ?? 0) + 1);
    },
  };
}
