export type Script = 'latin' | 'cjk' | 'hangul' | 'other';

/** Enough of a text to tell its script. */
const SAMPLE_LENGTH = 1_000;

/**
 * The script that most of a text's beginning is written in; null when it has no letters. A Chinese or Japanese character counts for two:
 * it says as much as several Latin letters, and technical Japanese is full of Latin names.
 */
export function mainScript(text: string): Script | null {
  const sample = text.slice(0, SAMPLE_LENGTH).normalize('NFKC');
  const letters: Array<[Script, number]> = [
    ['cjk', 2 * count(sample, /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]/gu)],
    ['hangul', 2 * count(sample, /\p{Script=Hangul}/gu)],
    ['latin', count(sample, /\p{Script=Latin}/gu)],
  ];
  letters.push(['other', count(sample, /\p{L}/gu) - letters.reduce((sum, [script, value]) => sum + (script === 'latin' ? value : value / 2), 0)]);
  const [script, most] = letters.reduce((best, next) => (next[1] > best[1] ? next : best));
  return most === 0 ? null : script;
}

function count(text: string, pattern: RegExp): number {
  return text.match(pattern)?.length ?? 0;
}
