const CJK = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\u3000-\u303f\uff00-\uffef]/gu;

/** Estimated tokens of a text: one for each Chinese or Japanese character, one for each four others begun. */
export function estimateTokens(text: string): number {
  const cjk = text.match(CJK)?.length ?? 0;
  return cjk + Math.ceil((Array.from(text).length - cjk) / 4);
}

/** A text in the pieces in which it is streamed: words with the space after them, Japanese in groups of a few characters. */
export function splitPieces(text: string): string[] {
  return text.match(/[^\s\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]+\s*|[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]{1,4}\s*|\s+/gu) ?? [];
}

/** The text up to the first of the stop sequences. */
export function cutAtStop(text: string, stops: readonly string[]): string {
  const places = stops.filter((stop) => stop !== '').map((stop) => text.indexOf(stop)).filter((place) => place !== -1);
  return places.length === 0 ? text : text.slice(0, Math.min(...places));
}

/** As many pieces as `maxTokens` estimated tokens allow; null means no limit. */
export function limitPieces(pieces: readonly string[], maxTokens: number | null): { pieces: string[]; isCut: boolean } {
  if (maxTokens === null) return { pieces: [...pieces], isCut: false };
  const kept: string[] = [];
  let text = '';
  for (const piece of pieces) {
    text += piece;
    if (estimateTokens(text.trimEnd()) > maxTokens) return { pieces: kept, isCut: true };
    kept.push(piece);
  }
  return { pieces: kept, isCut: false };
}
