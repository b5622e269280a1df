import type { WireError } from './wire-error.ts';

/** The connection a thread holds: all writes; small reads; reads that may take long. */
export type WorkerRole = 'writer' | 'reader' | 'scanner';

export type WorkerOptions = { role: WorkerRole; path: string; maxSizeBytes: number | null; vectorCacheBytes: number };

/** One row of an extraction with its terms already as JSON text, so that cloning it is cheap. */
export type ChunkRow = {
  text: string;
  textHash: string;
  startOffset: number;
  endOffset: number;
  page: number | null;
  heading: string | null;
  terms: string;
};

export type Call = { kind: 'call'; id: number; service: string; method: string; args: readonly unknown[]; nowMs: number };
/** Rows that a later call names by `uploadId`; sent in slices so that no message takes the main thread long, an empty slice to forget them. */
export type Rows = { kind: 'rows'; uploadId: number; rows: readonly ChunkRow[] };
export type ToWorker = Call | Rows | { kind: 'close' };

export type Reply = { id: number; value: unknown } | { id: number; error: WireError };
export type FromWorker =
  | { kind: 'ready'; methods: Readonly<Record<string, readonly string[]>> }
  | { kind: 'failed'; error: WireError }
  | { kind: 'replies'; replies: readonly Reply[] };

type Method = (...args: never[]) => unknown;
/** Synchronous functions that a thread offers, by service and name. */
export type Services = Readonly<Record<string, Readonly<Record<string, Method>>>>;

/** A service as the main thread sees it. */
export type Remote<T> = { [K in keyof T]: T[K] extends (...args: infer A) => infer R ? (...args: A) => Promise<R> : never };
