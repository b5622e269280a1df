/** What each index found, best first; `vector` is null when there are no vectors to search (no model, index being rebuilt). */
export type HitLists = {
  lexical: ReadonlyArray<{ chunkId: string; score: number }>;
  vector: ReadonlyArray<{ chunkId: string; cosine: number }> | null;
};

/** A chunk after fusion: `score` is 0 to 1; `lexicalScore` and `cosine` are as its index gave them, null where it did not find it. */
export type RankedHit = { chunkId: string; score: number; lexicalScore: number | null; cosine: number | null };

/** How many hits of each list take part: the depth that the weights were measured with. */
export const FUSION_DEPTH = 100;

/** Equal weights: best or within 0.001 of it on both measured sets (docs/retrieval.md). */
export const DEFAULT_LEXICAL_WEIGHT = 0.5;

/**
 * One ranking of two lists: each list's scores are brought to 0-1 and averaged with `lexicalWeight` (0 to 1) for the words. A chunk that
 * a list does not have gets 0 from it. Weight 0 or 1 means that one list alone; so does the other list being empty or null, whatever
 * the weight, except that weight 0 with an empty (not null) vector list means no hits. Equal scores keep the order of chunk ids.
 */
export function fuse(lists: HitLists, { lexicalWeight = DEFAULT_LEXICAL_WEIGHT }: { lexicalWeight?: number } = {}): RankedHit[] {
  const weight = lists.vector === null ? 1 : Math.min(1, Math.max(0, lexicalWeight));
  const lexical = weight === 0 ? [] : scaleLexical(lists.lexical.slice(0, FUSION_DEPTH));
  const vector = weight === 1 ? [] : scaleVector((lists.vector ?? []).slice(0, FUSION_DEPTH));
  const shareOfLexical = vector.length === 0 ? 1 : lexical.length === 0 ? 0 : weight;
  const hits = new Map<string, RankedHit>();
  for (const { chunkId, raw, scaled } of lexical) {
    hits.set(chunkId, { chunkId, score: shareOfLexical * scaled, lexicalScore: raw, cosine: null });
  }
  for (const { chunkId, raw, scaled } of vector) {
    const found = hits.get(chunkId) ?? { chunkId, score: 0, lexicalScore: null, cosine: null };
    hits.set(chunkId, { ...found, score: found.score + (1 - shareOfLexical) * scaled, cosine: raw });
  }
  return [...hits.values()].sort((a, b) => b.score - a.score || (a.chunkId < b.chunkId ? -1 : 1));
}

type ScaledHit = { chunkId: string; raw: number; scaled: number };

/** A list that is not full has every chunk with a term of the question: what is not in it scores 0, so that is the bottom. */
function scaleLexical(hits: ReadonlyArray<{ chunkId: string; score: number }>): ScaledHit[] {
  const raws = hits.map((hit) => ({ chunkId: hit.chunkId, raw: hit.score }));
  return scale(raws, hits.length < FUSION_DEPTH ? 0 : Math.min(...hits.map((hit) => hit.score)));
}

function scaleVector(hits: ReadonlyArray<{ chunkId: string; cosine: number }>): ScaledHit[] {
  const raws = hits.map((hit) => ({ chunkId: hit.chunkId, raw: hit.cosine }));
  return scale(raws, Math.min(...hits.map((hit) => hit.cosine)));
}

/** Where all are equal (or there is but one) each is as good as the best: 1. */
function scale(hits: ReadonlyArray<{ chunkId: string; raw: number }>, bottom: number): ScaledHit[] {
  const top = Math.max(...hits.map((hit) => hit.raw));
  const range = top - bottom;
  return hits.map((hit) => ({ ...hit, scaled: range > 0 ? (hit.raw - bottom) / range : 1 }));
}

export type RelevanceTest = {
  /** Whether the chunk speaks of what the question asks: `sharesContent` of domain/terms.ts. */
  sharesContentTerm: (chunkId: string) => boolean;
  /** The chunk's cosine with the question where it is known, also for a chunk that only the lexical index found. */
  cosine: (chunkId: string) => number | null;
  /** The model's floor (domain/relevance-floor.ts); 0 for a model without one, which then vouches for whatever it found. */
  floor: number;
  /**
   * For a model of several languages: chunks in another script than the question's cannot share its words and lie further away, so they
   * have a floor of their own (domain/script.ts, `otherScriptFloor`). Without it all chunks have `floor`.
   */
  otherScript?: { includes: (chunkId: string) => boolean; floor: number };
  /** Stop when so many are kept: the tests read a chunk's text. Default: all. */
  limit?: number;
};

/** Leaves out what neither shares content with the question nor is as near to it as the model's floor asks. Keeps the order. */
export function dropIrrelevant<Hit extends { chunkId: string }>(hits: readonly Hit[], test: RelevanceTest): Hit[] {
  const kept: Hit[] = [];
  for (const hit of hits) {
    if (kept.length >= (test.limit ?? hits.length)) break;
    if (isRelevant(hit.chunkId, test)) kept.push(hit);
  }
  return kept;
}

function isRelevant(chunkId: string, test: RelevanceTest): boolean {
  const cosine = test.cosine(chunkId);
  if (cosine !== null && cosine >= test.floor) return true;
  if (cosine !== null && test.otherScript?.includes(chunkId) && cosine >= test.otherScript.floor) return true;
  // Last, because it reads the chunk's text.
  return test.sharesContentTerm(chunkId);
}

export type Selection = {
  /** Most hits to return. */
  k: number;
  /** Hash of the chunk's text: of equal texts the best-ranked stays. */
  textHash: (chunkId: string) => string;
  /** The document that the chunk is part of. */
  documentId: (chunkId: string) => string;
  /** Most hits of one document while others have some; default `defaultDocumentCap(k)`. */
  documentCap?: number;
};

/**
 * All but one place (at least one): the last place goes to a second document if there is one. A cap of one was measured to cost
 * 3 to 4 of 100 answers, this one 1 to 2; none at all lets one long document fill every place (docs/retrieval.md).
 */
export function defaultDocumentCap(k: number): number {
  return Math.max(1, k - 1);
}

/** The best `k` of ranked hits, each text once. Places that a document's cap leaves empty are filled with what it held back. */
export function selectTop<Hit extends { chunkId: string }>(hits: readonly Hit[], selection: Selection): Hit[] {
  const { k, textHash, documentId, documentCap = defaultDocumentCap(k) } = selection;
  const seenTexts = new Set<string>();
  const ofDocument = new Map<string, number>();
  const chosen = new Set<Hit>();
  const heldBack: Hit[] = [];
  const distinct = hits.filter(({ chunkId }) => {
    const hash = textHash(chunkId);
    if (seenTexts.has(hash)) return false;
    seenTexts.add(hash);
    return true;
  });
  for (const hit of distinct) {
    if (chosen.size >= k) break;
    const document = documentId(hit.chunkId);
    const used = ofDocument.get(document) ?? 0;
    if (used >= documentCap) {
      heldBack.push(hit);
      continue;
    }
    ofDocument.set(document, used + 1);
    chosen.add(hit);
  }
  for (const hit of heldBack) if (chosen.size < k) chosen.add(hit);
  return distinct.filter((hit) => chosen.has(hit));
}
