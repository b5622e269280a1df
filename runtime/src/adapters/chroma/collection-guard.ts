/** As measured, a broken index ends the server each time it is read: three times is no accident. */
const crashesUntilQuarantine = 3;

/**
 * Finds out which collection makes the server crash: one whose calls were under way at `crashesUntilQuarantine` crashes,
 * with no success of the same operation in between, is quarantined until it is dropped. Without I/O.
 */
export class CollectionGuard {
  readonly #crashes = new Map<string, Map<string, number>>();
  readonly #underWay = new Map<string, { collection: string; operation: string; calls: number }>();
  /** Calls whose connection broke: that is noticed before the end of the process is. */
  readonly #suspects = new Map<string, { collection: string; operation: string }>();

  isQuarantined(collection: string): boolean {
    return [...(this.#crashes.get(collection)?.keys() ?? [])].some((operation) => this.isDeadly(collection, operation));
  }

  /** Whether this operation on the collection crashed the server so often that it is to blame. */
  isDeadly(collection: string, operation: string): boolean {
    return (this.#crashes.get(collection)?.get(operation) ?? 0) >= crashesUntilQuarantine;
  }

  /** Call before an operation, and the returned function after it with how it went. */
  enter(collection: string, operation: string): (outcome: 'success' | 'connection-lost' | 'other') => void {
    const key = `${operation} ${collection}`;
    const entry = this.#underWay.get(key) ?? { collection, operation, calls: 0 };
    entry.calls += 1;
    this.#underWay.set(key, entry);
    return (outcome) => {
      entry.calls -= 1;
      if (entry.calls === 0) this.#underWay.delete(key);
      if (outcome === 'connection-lost') this.#suspects.set(key, { collection, operation });
      if (outcome === 'success') this.#crashes.get(collection)?.delete(operation);
    };
  }

  /** The server crashed: blames every operation that was under way. Returns the collections that this put into quarantine. */
  crashed(): string[] {
    const blamed = new Map<string, { collection: string; operation: string }>([...this.#underWay, ...this.#suspects]);
    this.#suspects.clear();
    const quarantined: string[] = [];
    for (const { collection, operation } of blamed.values()) {
      const wasQuarantined = this.isQuarantined(collection);
      const counts = this.#crashes.get(collection) ?? new Map<string, number>();
      counts.set(operation, (counts.get(operation) ?? 0) + 1);
      this.#crashes.set(collection, counts);
      if (!wasQuarantined && this.isQuarantined(collection)) quarantined.push(collection);
    }
    return quarantined;
  }

  /** The server ended for another reason (stopped, killed from outside): nobody is to blame. */
  endedOtherwise(): void {
    this.#suspects.clear();
  }

  /** The collection is gone or was built anew. */
  forget(collection: string): void {
    this.#crashes.delete(collection);
  }

  forgetAll(): void {
    this.#crashes.clear();
    this.#suspects.clear();
  }
}
