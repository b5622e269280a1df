/** What ran out of time. */
export type Phase = 'headers' | 'silence' | 'total';

/** A caller's signal and a call's time limits in one: `signal` aborts for whichever comes first. */
export type Deadline = {
  readonly signal: AbortSignal;
  /** The limit that ran out; null while none has. */
  expired(): Phase | null;
  /** Starts a limit and returns the function that ends it. */
  arm(phase: Phase, timeoutMs: number): () => void;
  /** Takes the listener off the caller's signal and stops all timers. */
  dispose(): void;
};

export function createDeadline(caller: AbortSignal, totalTimeoutMs: number): Deadline {
  const controller = new AbortController();
  const timers = new Set<NodeJS.Timeout>();
  let expiredPhase: Phase | null = null;
  const onCallerAbort = (): void => controller.abort(caller.reason);
  if (caller.aborted) onCallerAbort();
  else caller.addEventListener('abort', onCallerAbort, { once: true });

  const arm = (phase: Phase, timeoutMs: number): (() => void) => {
    const timer = setTimeout(() => {
      timers.delete(timer);
      if (controller.signal.aborted) return;
      expiredPhase = phase;
      controller.abort();
    }, timeoutMs);
    timer.unref();
    timers.add(timer);
    return () => {
      clearTimeout(timer);
      timers.delete(timer);
    };
  };
  arm('total', totalTimeoutMs);

  return {
    signal: controller.signal,
    expired: () => expiredPhase,
    arm,
    dispose: () => {
      caller.removeEventListener('abort', onCallerAbort);
      for (const timer of timers) clearTimeout(timer);
      timers.clear();
    },
  };
}
