import type { Logger } from '../ports/logger.ts';

/** A number read each time /metrics is asked. */
export type GaugeSource = { name: string; help: string; read(): number | Promise<number> };

/** What the HTTP layer is told by main.ts; every size in bytes, every time in milliseconds. */
export type HttpOptions = {
  /** The Open WebUI version that clients are told, e.g. `0.12.4`. */
  version: string;
  /** Serves /docs and /openapi.json. */
  isDev: boolean;
  /** Origins that browsers may call from; empty: none. `*` allows every origin, but never with credentials. */
  corsAllowOrigins: readonly string[];
  /** Longest JSON body, and the longest one of chat routes (images travel inside). */
  bodyLimitBytes: { json: number; chat: number };
  /** Largest file; Infinity for no limit. */
  maxUploadBytes: number;
  /**
   * Time for a JSON body to arrive. An upload may take longer as long as it keeps moving (see body-timeout.ts).
   */
  requestTimeoutMs: number;
  /** Whether a streamed chat begins with `{sources}`; a call may leave it out with `?sources=false`. */
  includeSourcesInStream: boolean;
  /** Told to clients by /api/config: whether a second user may sign up. */
  isSignupEnabled: boolean;
  logger: Logger;
  /** Numbers that other layers add to /metrics. */
  gauges?: readonly GaugeSource[];
  /** Aborts what is still in flight, at the end of a graceful stop. */
  shutdownSignal?: AbortSignal;
};
