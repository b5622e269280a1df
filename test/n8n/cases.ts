/** What a lane's cases came to. */
export type Score = { passed: number; failed: number };

/** Runs named cases one after another and prints a line for each. */
export class Cases {
  readonly score: Score = { passed: 0, failed: 0 };
  private stopped = false;

  /** No further case begins: the next `test` rejects. */
  stop(): void {
    this.stopped = true;
  }

  /** Adds what another runner of tests came to. */
  add({ passed, failed }: Score): void {
    this.score.passed += passed;
    this.score.failed += failed;
  }

  /** Prints `ok` or `not ok` with the sentence. Resolves with what the case gave, undefined when it failed. */
  async test<T>(sentence: string, body: () => Promise<T>): Promise<T | undefined> {
    if (this.stopped) throw new Error('The run was stopped');
    try {
      const result = await body();
      this.score.passed += 1;
      process.stdout.write(`ok - ${sentence}\n`);
      return result;
    } catch (error) {
      this.score.failed += 1;
      const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
      process.stdout.write(`not ok - ${sentence}\n${text.replaceAll(/^/gm, '    ')}\n`);
      return undefined;
    }
  }
}
