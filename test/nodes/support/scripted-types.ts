/** A request that the server has seen. */
export interface SeenRequest {
  method: string;
  path: string;
  query: Record<string, string>;
  headers: Record<string, string | string[] | undefined>;
  body: unknown;
  sizeBytes: number;
}

/** An answer that a test puts in place of the server's own. */
export interface ScriptedAnswer {
  status: number;
  body: unknown;
  headers?: Record<string, string>;
  /** How many requests get it; all by default. */
  times?: number;
  delayMs?: number;
}
