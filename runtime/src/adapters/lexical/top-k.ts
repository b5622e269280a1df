import type { LexicalHit } from '../../ports/lexical-index.ts';

/** Keeps the best `k` of what it is offered: higher score first, among equals the smaller chunk id. A binary heap, worst on top. */
export class TopK {
  readonly #k: number;
  readonly #heap: LexicalHit[] = [];

  constructor(k: number) {
    this.#k = k;
  }

  /** The score that a further hit must at least reach; 0 while there is room. */
  get threshold(): number {
    return this.#heap.length < this.#k ? 0 : (this.#heap[0]?.score ?? 0);
  }

  offer(score: number, chunkId: string): void {
    if (this.#k <= 0) return;
    const hit = { chunkId, score };
    if (this.#heap.length < this.#k) {
      this.#heap.push(hit);
      this.#siftUp();
      return;
    }
    const worst = this.#heap[0];
    if (worst === undefined || compareHits(hit, worst) >= 0) return;
    this.#heap[0] = hit;
    this.#siftDown();
  }

  /** Best first. */
  sorted(): LexicalHit[] {
    return [...this.#heap].sort(compareHits);
  }

  #siftUp(): void {
    let child = this.#heap.length - 1;
    while (child > 0) {
      const parent = (child - 1) >> 1;
      if (!this.#isWorse(child, parent)) return;
      this.#swap(child, parent);
      child = parent;
    }
  }

  #siftDown(): void {
    let parent = 0;
    for (;;) {
      const left = 2 * parent + 1;
      let worst = parent;
      if (this.#isWorse(left, worst)) worst = left;
      if (this.#isWorse(left + 1, worst)) worst = left + 1;
      if (worst === parent) return;
      this.#swap(parent, worst);
      parent = worst;
    }
  }

  #isWorse(index: number, than: number): boolean {
    const a = this.#heap[index];
    const b = this.#heap[than];
    return a !== undefined && b !== undefined && compareHits(a, b) > 0;
  }

  #swap(a: number, b: number): void {
    const atA = this.#heap[a];
    const atB = this.#heap[b];
    if (atA === undefined || atB === undefined) return;
    this.#heap[a] = atB;
    this.#heap[b] = atA;
  }
}

function compareHits(a: LexicalHit, b: LexicalHit): number {
  if (a.score !== b.score) return b.score - a.score;
  if (a.chunkId === b.chunkId) return 0;
  return a.chunkId < b.chunkId ? -1 : 1;
}
