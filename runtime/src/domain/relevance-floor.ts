import type { EmbeddingProfile } from './embedding-profile.ts';

/** Cosines below which a passage without a content term of the question is noise; method and distributions in docs/retrieval.md. */
type Floors = { sameScript: number; otherScript: number };

type MeasuredModel = { pattern: RegExp; floors: Floors };

const MEASURED_MODELS: readonly MeasuredModel[] = [
  {
    // multilingual-e5-small, 4 bit, `query: ` and `passage: ` prefixes. The best unrelated passage without a shared term stays below 0.85
    // for 72 % (Cranfield) and 90 % (JSQuAD) of questions, and dropping those costs no nDCG@10. Between scripts all cosines are some
    // 0.08 lower: 95 % of right passages are above 0.755 and 95 % of the others below 0.742 (31 English questions to JSQuAD). The
    // larger multilingual-e5 models were trained alike but not measured.
    pattern: /multilingual-e5-small/,
    floors: { sameScript: 0.85, otherScript: 0.75 },
  },
  {
    // No meaning in it: without a shared term, right and unrelated passages have the same cosines, at most 0.26 for 99 % of questions.
    pattern: /^builtin\/lexical-embed$/,
    floors: { sameScript: 0.26, otherScript: 0.26 },
  },
];

/**
 * The cosine that a hit without any of the question's content terms needs under this model; 0 for a model that was not measured, which
 * keeps all that it finds. Names are taken as servers write them: with an owner before and a tag or a quantisation after.
 */
export function relevanceFloor(profile: EmbeddingProfile): number {
  return floorsOf(profile)?.sameScript ?? 0;
}

/** The same for a passage in another script than the question's (an English question, a Japanese passage): no words could be shared. */
export function otherScriptFloor(profile: EmbeddingProfile): number {
  return floorsOf(profile)?.otherScript ?? 0;
}

function floorsOf(profile: EmbeddingProfile): Floors | undefined {
  const name = profile.model.toLowerCase();
  return MEASURED_MODELS.find(({ pattern }) => pattern.test(name))?.floors;
}
