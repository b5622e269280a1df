/** When to start a server again that ended by itself. All times in milliseconds. */
export type RestartPolicy = {
  /** Pause before the second start; doubles with each failure in a row. */
  firstPauseMs: number;
  longestPauseMs: number;
  /** A server that lived this long was healthy: the count of failures starts anew. */
  healthyAfterMs: number;
  /** After so many failures in a row the index counts as unavailable and starts are tried at `slowPauseMs` only. */
  failuresUntilUnavailable: number;
  slowPauseMs: number;
};

/** Five tries within about eight seconds, then one a minute. A collection is quarantined after three crashes, before this gives up. */
export const defaultRestartPolicy: RestartPolicy = {
  firstPauseMs: 250,
  longestPauseMs: 10_000,
  healthyAfterMs: 60_000,
  failuresUntilUnavailable: 5,
  slowPauseMs: 60_000,
};

export type RestartDecision = { failures: number; hasGivenUp: boolean; pauseMs: number };

/** What to do after a failure, given how many came before it in a row and how long the server lived. */
export function decideRestart(policy: RestartPolicy, failuresBefore: number, livedMs: number): RestartDecision {
  const failures = livedMs >= policy.healthyAfterMs ? 1 : failuresBefore + 1;
  const hasGivenUp = failures >= policy.failuresUntilUnavailable;
  const pauseMs = hasGivenUp ? policy.slowPauseMs : Math.min(policy.longestPauseMs, policy.firstPauseMs * 2 ** (failures - 1));
  return { failures, hasGivenUp, pauseMs };
}
