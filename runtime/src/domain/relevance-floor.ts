import type { EmbeddingProfile } from './embedding-profile.ts';

/** Cosines below which a passage without a content term of the question is noise; method and distributions in docs/retrieval.md. */
type Floors = { sameScript: number; otherScript: number };

type MeasuredModel = { pattern: RegExp; floors: Floors };

const MEASURED_MODELS: readonly MeasuredModel[] = [
  {
    // multilingual-e5-small, 4 bit, `query: ` and `passage: ` prefixes. At 0.84 nDCG@10 is what it is without a floor (Cranfield 0.411,
    // JSQuAD 0.954), and 84 % of JSQuAD questions get no source from 20 foreign passages; higher floors add 1 %. Between scripts all
    // cosines are some 0.08 lower: 95 % of right passages are above 0.755 and 95 % of the others below 0.742 (31 English questions to
    // JSQuAD). The larger multilingual-e5 models were trained alike but not measured.
    pattern: /multilingual-e5-small/,
    floors: { sameScript: 0.84, otherScript: 0.75 },
  },
  {
    // No meaning in it: without a shared term, right and other passages have the same cosines (the best of
    // 1,000 others reaches 0.17 to 0.20 in the median), so this only keeps what shares many parts of words. 85 % of JSQuAD questions get no source from 20 foreign passages; no loss of nDCG@10.
    pattern: /^builtin\/lexical-embed$/,
    floors: { sameScript: 0.2, otherScript: 0.2 },
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
