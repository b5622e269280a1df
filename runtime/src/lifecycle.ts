import type { Logger } from './ports/logger.ts';

export interface Lifecycle {
  /** Steps run in reverse order of registration. */
  onStop(name: string, step: () => Promise<void> | void): void;
  isStopping(): boolean;
  /** Ends background work. */
  backgroundSignal: AbortSignal;
  stopBackground(): void;
  /** Aborts requests that are still in flight when the grace is over. */
  drainSignal: AbortSignal;
  /** Idempotent: calls share one stop. A failing step is logged and the next one runs. */
  stop(): Promise<void>;
}

/** Requests in flight may take this long after a stop was asked for. */
const DRAIN_MS = 25_000;

export function createLifecycle(logger: Logger): Lifecycle {
  const steps: Array<{ name: string; step: () => Promise<void> | void }> = [];
  const background = new AbortController();
  const drain = new AbortController();
  let stopping: Promise<void> | null = null;
  const run = async (): Promise<void> => {
    const timer = setTimeout(() => drain.abort(), DRAIN_MS);
    for (const { name, step } of steps.toReversed()) {
      try {
        await step();
      } catch (error) {
        logger.error({ err: error, step: name }, 'A part did not stop cleanly');
      }
    }
    clearTimeout(timer);
  };
  return {
    onStop: (name, step) => void steps.push({ name, step }),
    isStopping: () => stopping !== null,
    backgroundSignal: background.signal,
    stopBackground: () => background.abort(),
    drainSignal: drain.signal,
    stop() {
      stopping ??= run();
      return stopping;
    },
  };
}
