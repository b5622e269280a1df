import { chunkReads, chunkScans } from './chunks.ts';
import { fileReads, fileScans } from './file-reads.ts';
import { fileWrites } from './file-writes.ts';
import { ingestionWrites } from './ingestion-writes.ts';
import { jobReads, jobWrites } from './jobs.ts';
import { indexMarks, knowledgeFileReads } from './knowledge-files.ts';
import { linkWrites } from './knowledge-links.ts';
import { knowledgeReads, knowledgeWrites } from './knowledge.ts';
import type { Sql, WriteContext } from './sql.ts';
import { userReads, userWrites } from './users.ts';
import { vectorScans } from './vector-scans.ts';
import type { ChunkRow } from './worker-protocol.ts';

const WRITE_PROBE = `INSERT INTO write_probe (id, written_at_ms) VALUES (1, ?)
  ON CONFLICT (id) DO UPDATE SET written_at_ms = excluded.written_at_ms`;

/** Everything that changes rows. */
export function writerServices(context: WriteContext, uploads: ReadonlyMap<number, readonly ChunkRow[]>) {
  return {
    users: userWrites(context),
    files: fileWrites(context),
    ingestion: ingestionWrites(context, uploads),
    knowledge: { ...knowledgeWrites(context), ...linkWrites(context), ...indexMarks(context) },
    jobs: jobWrites(context),
    probe: {
      write: (): void => {
        context.sql.run(WRITE_PROBE, context.nowMs);
      },
    },
  };
}

/** Reads that take a moment at most; the sign-in check of every request is among them, so nothing slow may be. */
export function readerServices(sql: Sql) {
  return {
    users: userReads(sql),
    files: fileReads(sql),
    chunks: chunkReads(sql),
    knowledge: { ...knowledgeReads(sql), ...knowledgeFileReads(sql) },
    jobs: jobReads(sql),
  };
}

/** Reads that may take long: exact scans, whole texts, whole documents. */
export function scannerServices(sql: Sql, vectorCacheBytes: number) {
  return {
    files: fileScans(sql),
    chunks: { ...chunkScans(sql), ...vectorScans(sql, vectorCacheBytes) },
  };
}

export type WriterServices = ReturnType<typeof writerServices>;
export type ReaderServices = ReturnType<typeof readerServices>;
export type ScannerServices = ReturnType<typeof scannerServices>;
