import { tooMuchText } from './extract-limits.ts';
import type { ExtractLimits } from './extract-limits.ts';

/** Collects text and throws EXTRACTION_LIMIT as soon as there is too much of it. */
export class BoundedText {
  readonly #limits: ExtractLimits;
  readonly #parts: string[] = [];
  #length = 0;

  constructor(limits: ExtractLimits) {
    this.#limits = limits;
  }

  get length(): number {
    return this.#length;
  }

  append(part: string): void {
    this.#length += part.length;
    if (this.#length > this.#limits.maxTextChars) throw tooMuchText(this.#limits);
    this.#parts.push(part);
  }

  toString(): string {
    return this.#parts.join('');
  }
}
