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
  /** What the answer waits for. */
  until?: () => Promise<unknown>;
  /** Cuts the connection instead of answering, before the work or once it is done. */
  cut?: 'before' | 'done';
}

/** What a route gives back. `html` stands for the web UI's page. */
export type Reply = { status: number; body: unknown; headers?: Record<string, string> } | 'html' | 'handled';

export const NOT_FOUND = "We could not find what you're looking for :/";
export const PROHIBITED = 'You do not have permission to access this resource. Please contact your administrator for assistance.';

export const ok = (body: unknown): Reply => ({ status: 200, body });
export const detail = (status: number, text: unknown): Reply => ({ status, body: { detail: text } });
