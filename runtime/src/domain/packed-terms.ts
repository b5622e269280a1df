import type { TermCounts } from './chunk.ts';

/**
 * A chunk's terms as one string (JSON). A long Japanese document has millions of terms: as strings they cross threads and reach
 * the database as they are, where pairs would be copied one by one and take ten times the memory.
 */
export type PackedTerms = string;

export function packTerms(terms: TermCounts): PackedTerms {
  return JSON.stringify(terms);
}

export function unpackTerms(packed: PackedTerms): TermCounts {
  return JSON.parse(packed) as TermCounts;
}
