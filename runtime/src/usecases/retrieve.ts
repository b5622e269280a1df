import type { Chunk, TermCounts } from '../domain/chunk.ts';
import { isAbortError } from '../domain/errors.ts';
import { dropIrrelevant, FUSION_DEPTH, fuse, selectTop, type RankedHit, type RelevanceTest } from '../domain/rank.ts';
import { otherScriptFloor } from '../domain/relevance-floor.ts';
import { mainScript } from '../domain/script.ts';
import { contentTerms, extractTerms, queryTerms, sharesContent } from '../domain/terms.ts';
import type { ChunkStore } from '../ports/chunk-store.ts';
import type { Embedder } from '../ports/embedder.ts';
import type { FileStore } from '../ports/file-store.ts';
import type { LexicalHit, LexicalIndex } from '../ports/lexical-index.ts';
import type { Logger } from '../ports/logger.ts';
import { lexicalCollection, type LexicalSync } from './lexical-sync.ts';
import { searchVectors, type CosineHit, type VectorSearchDeps } from './vector-search.ts';

export type RetrieveDeps = VectorSearchDeps & {
  lexical: LexicalIndex;
  lexicalSync: LexicalSync;
  files: FileStore;
  chunks: ChunkStore;
  embedder: Embedder;
  logger: Logger;
  lexicalWeight: number;
  /** null takes the embedding model's measured floor. */
  relevanceThreshold: number | null;
};

export type Scope = { kind: 'knowledge'; id: string } | { kind: 'file'; id: string };
/** `cosine` is null when the chunk has no vector (yet) or the question could not be embedded. */
export type RetrievedChunk = { chunk: Chunk; score: number; cosine: number | null };

/** A question, embedded at most once however many collections are searched. */
export type Question = { text: string; terms: TermCounts; content: ReadonlySet<string>; vector: Promise<Float32Array | null> };

/** Relevant hits gathered for each place of the answer: room for equal texts and the cap on one document. */
const ENOUGH_PER_PLACE = 4;

/** What is searched with of a longer question: its beginning and its end, where people put what they want to know. */
const MAX_QUESTION_CHARS = 8000;

function searchText(text: string): string {
  if (text.length <= MAX_QUESTION_CHARS) return text.toWellFormed();
  const half = MAX_QUESTION_CHARS / 2;
  return `${text.slice(0, half)}\n${text.slice(-half)}`.toWellFormed();
}

/** Starts embedding; a failing embedding server costs the vectors, not the answer. */
export function prepareQuestion(deps: Pick<RetrieveDeps, 'embedder' | 'logger' | 'lexicalWeight'>, fullText: string, signal: AbortSignal): Question {
  const text = searchText(fullText);
  const embed = async (): Promise<Float32Array | null> => {
    try {
      return deps.lexicalWeight >= 1 ? null : ((await deps.embedder.embed([text], 'query', signal))[0] ?? null);
    } catch (error) {
      if (isAbortError(error)) throw error;
      deps.logger.warn({ err: error }, 'The question could not be embedded; the words alone decide');
      return null;
    }
  };
  const vector = embed();
  vector.catch(() => undefined);
  return { text, terms: queryTerms(text), content: contentTerms(text), vector };
}

/**
 * Hybrid retrieval over one knowledge base or file: words and vectors in parallel, fused, what has nothing to do with the
 * question dropped, equal texts merged, at most `k`, best first. Empty when nothing was found.
 */
export async function retrieve(deps: RetrieveDeps, scope: Scope, question: Question, k: number, signal: AbortSignal): Promise<RetrievedChunk[]> {
  const profile = deps.embedder.profileKey;
  const [lexicalHits, vectorHits] = await Promise.all([searchWords(deps, scope, question, signal), searchScope(deps, scope, question, signal)]);
  const vector = await question.vector;
  const cosines = new Map(vectorHits.map((hit) => [hit.chunkId, hit.cosine]));
  const unscored = lexicalHits.map((hit) => hit.chunkId).filter((id) => !cosines.has(id));
  if (vector !== null && unscored.length > 0) {
    for (const hit of await deps.chunks.cosines(unscored, profile, vector)) cosines.set(hit.chunkId, hit.cosine);
  }
  const fused = fuse({ lexical: lexicalHits, vector: vector === null ? null : vectorHits }, { lexicalWeight: deps.lexicalWeight });
  return select(deps, { scope, question, k, cosines, sharing: new Set(lexicalHits.map((hit) => hit.chunkId)) }, fused);
}

type Selecting = { scope: Scope; question: Question; k: number; cosines: ReadonlyMap<string, number>; sharing: ReadonlySet<string> };

/** Loads texts in rank order only until enough relevant ones are found, of more than one document if there are such: the cap on one needs another. */
async function select(deps: RetrieveDeps, selecting: Selecting, ranked: RankedHit[]): Promise<RetrievedChunk[]> {
  const enough = ENOUGH_PER_PLACE * selecting.k;
  const byId = new Map<string, Chunk>();
  const relevant: RankedHit[] = [];
  for (let pending = ranked; pending.length > 0; ) {
    const hits = pending.slice(0, enough);
    pending = pending.slice(enough);
    for (const chunk of await current(deps, selecting.scope, hits)) byId.set(chunk.id, chunk);
    relevant.push(...dropIrrelevant(hits.filter((hit) => byId.has(hit.chunkId)), relevanceTest(deps, selecting, byId)));
    if (relevant.length < enough) continue;
    const [first, second] = new Set(relevant.map((hit) => byId.get(hit.chunkId)?.fileId));
    if (second !== undefined) break;
    pending = pending.filter((hit) => !hit.chunkId.startsWith(`${first ?? ''}.`));
  }
  const top = selectTop(relevant, {
    k: selecting.k,
    textHash: (id) => byId.get(id)?.textHash ?? '',
    documentId: (id) => byId.get(id)?.fileId ?? '',
  });
  return top.flatMap((hit) => {
    const chunk = byId.get(hit.chunkId);
    return chunk === undefined ? [] : [{ chunk, score: hit.score, cosine: selecting.cosines.get(hit.chunkId) ?? null }];
  });
}

/** The indexes may still know chunks of a removed file or an older version; the truth decides what may be shown. */
async function current(deps: RetrieveDeps, scope: Scope, hits: readonly RankedHit[]): Promise<Chunk[]> {
  const chunks = await deps.chunks.byIds(hits.map((hit) => hit.chunkId));
  const members = scope.kind === 'knowledge' ? await deps.cache.files(scope.id) : null;
  return chunks.filter((chunk) => (members === null ? chunk.fileId === scope.id : members.get(chunk.fileId)?.version === chunk.version));
}

function relevanceTest(deps: RetrieveDeps, { question, cosines, sharing }: Selecting, byId: ReadonlyMap<string, Chunk>): RelevanceTest {
  const text = (id: string): string => byId.get(id)?.text ?? '';
  const questionScript = mainScript(question.text);
  const { relevanceThreshold: threshold, embedder } = deps;
  return {
    // Only what the word index found can share a word; the texts of the others need not be read.
    sharesContentTerm: (id) => sharing.has(id) && sharesContent(question.content, extractTerms(text(id))),
    cosine: (id) => cosines.get(id) ?? null,
    floor: threshold ?? embedder.relevanceFloor,
    otherScript: { includes: (id) => mainScript(text(id)) !== questionScript, floor: threshold ?? otherScriptFloor(embedder.profile) },
  };
}

async function searchWords(deps: RetrieveDeps, scope: Scope, question: Question, signal: AbortSignal): Promise<LexicalHit[]> {
  if (question.terms.length === 0 || deps.lexicalWeight <= 0) return [];
  if (scope.kind === 'knowledge') {
    await deps.lexicalSync.ensure(scope.id);
    return deps.lexical.search(lexicalCollection(scope.id), question.terms, FUSION_DEPTH, signal);
  }
  const file = await deps.files.get(scope.id);
  const terms = file === null ? [] : await deps.chunks.terms([{ fileId: file.id, version: file.version }]);
  if (terms.length === 0) return [];
  return deps.lexical.searchAdHoc(terms, question.terms, FUSION_DEPTH, signal);
}

async function searchScope(deps: RetrieveDeps, scope: Scope, question: Question, signal: AbortSignal): Promise<CosineHit[]> {
  const vector = await question.vector;
  if (vector === null) return [];
  if (scope.kind === 'file') return deps.chunks.nearest([scope.id], deps.embedder.profileKey, vector, FUSION_DEPTH);
  return searchVectors(deps, scope.id, deps.embedder.profileKey, vector, FUSION_DEPTH, signal);
}
