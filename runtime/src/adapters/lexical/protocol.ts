import type { TermCounts } from '../../domain/chunk.ts';
import type { FileVersion } from '../../ports/chunk-store.ts';
import type { LexicalHit } from '../../ports/lexical-index.ts';
import type { PackedChunks } from './packed-chunks.ts';

/** What the worker is started with. */
export type LexicalWorkerData = {
  dir: string;
  /** A collection is written when it has not changed for so long. */
  quietMs: number;
  /** A collection that nobody has used for so long leaves memory; it is read again when needed. */
  idleMs: number;
};

/** What the worker is asked to do. */
export type LexicalCommand =
  | { type: 'files'; collection: string }
  | { type: 'addFile'; collection: string; file: FileVersion; packed: PackedChunks }
  | { type: 'removeFile'; collection: string; fileId: string }
  | { type: 'drop'; collection: string }
  | { type: 'search'; collection: string; query: TermCounts; k: number }
  | { type: 'close' };

/** The result of each command. */
export type LexicalResult = FileVersion[] | LexicalHit[] | null;

export type LexicalRequest = { id: number; command: LexicalCommand };

/** An answer to a request, or a warning for the log. */
export type LexicalReply =
  | { type: 'done'; id: number; result: LexicalResult }
  | { type: 'failed'; id: number; message: string }
  | { type: 'warning'; message: string; collection: string; reason: string };
