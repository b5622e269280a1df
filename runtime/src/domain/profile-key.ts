import type { EmbeddingProfile, ProfileKey } from './embedding-profile.ts';

const FNV_PRIME = 0x100000001b3n;
const MASK = 0xffffffffffffffffn;

/** FNV-1a, 64 bits, over UTF-16 code units. */
function fnv64(text: string, basis: bigint): bigint {
  let hash = basis;
  for (let i = 0; i < text.length; i += 1) hash = ((hash ^ BigInt(text.charCodeAt(i))) * FNV_PRIME) & MASK;
  return hash;
}

/**
 * Sixteen characters of `[a-z0-9]` that stand for a profile: the same for equal profiles on every machine and in every
 * version, different for any other (82 bits of a non-cryptographic hash; profiles are the operator's own, not an attacker's).
 */
export function profileKey(profile: EmbeddingProfile): ProfileKey {
  const parts = [profile.provider, profile.model, profile.revision, profile.queryPrefix, profile.passagePrefix];
  const text = JSON.stringify(parts);
  const high = fnv64(text, 0xcbf29ce484222325n);
  const low = fnv64(text, 0x84222325cbf29ce4n);
  return ((high << 64n) | low).toString(36).padStart(25, '0').slice(-16);
}
