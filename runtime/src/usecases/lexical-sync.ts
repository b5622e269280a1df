import type { FileVersion, ChunkStore } from '../ports/chunk-store.ts';
import type { LexicalIndex } from '../ports/lexical-index.ts';
import { createTurns } from './background.ts';
import type { KnowledgeCache } from './knowledge-cache.ts';

export type LexicalSyncDeps = { lexical: LexicalIndex; chunks: ChunkStore; cache: KnowledgeCache };

/** Name of a knowledge base's lexical index. */
export function lexicalCollection(knowledgeId: string): string {
  return `kb-${knowledgeId}`;
}

export interface LexicalSync {
  /** Brings the knowledge base's word index in line with its files; costs nothing when it already is. */
  ensure(knowledgeId: string): Promise<void>;
  forget(knowledgeId: string): Promise<void>;
  /** Compares every index anew at its next use: after the index's worker was lost. */
  distrustAll(): void;
}

/** Files handed over at a time: bounds memory when a large index is rebuilt. */
const FILES_PER_BATCH = 20;

/** Compares what the index holds with what it should hold and mends the difference, so a lost or stale index heals itself. */
export function createLexicalSync(deps: LexicalSyncDeps): LexicalSync {
  const currentAt = new Map<string, number>();
  const inTurn = createTurns();
  const mend = async (knowledgeId: string): Promise<void> => {
    const revision = deps.cache.revision(knowledgeId);
    if (currentAt.get(knowledgeId) === revision) return;
    const collection = lexicalCollection(knowledgeId);
    const wanted = await deps.cache.files(knowledgeId);
    const held = new Map((await deps.lexical.files(collection)).map((file) => [file.fileId, file.version]));
    for (const fileId of held.keys()) if (!wanted.has(fileId)) await deps.lexical.removeFile(collection, fileId);
    const missing = [...wanted.values()].filter((file) => held.get(file.fileId) !== file.version);
    for (let at = 0; at < missing.length; at += FILES_PER_BATCH) await add(collection, missing.slice(at, at + FILES_PER_BATCH));
    currentAt.set(knowledgeId, revision);
  };
  const add = async (collection: string, files: FileVersion[]): Promise<void> => {
    const terms = Map.groupBy(await deps.chunks.terms(files), (chunk) => chunk.fileId);
    for (const file of files) await deps.lexical.addFile(collection, file, terms.get(file.fileId) ?? []);
  };
  return {
    ensure: (knowledgeId) => inTurn(knowledgeId, () => mend(knowledgeId)),
    distrustAll: () => currentAt.clear(),
    forget: (knowledgeId) =>
      inTurn(knowledgeId, async () => {
        currentAt.delete(knowledgeId);
        await deps.lexical.drop(lexicalCollection(knowledgeId));
      }),
  };
}
