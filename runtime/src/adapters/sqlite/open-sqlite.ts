import type { ChunkStore } from '../../ports/chunk-store.ts';
import type { Clock } from '../../ports/clock.ts';
import type { FileStore } from '../../ports/file-store.ts';
import type { JobQueue } from '../../ports/job-queue.ts';
import type { KnowledgeStore } from '../../ports/knowledge-store.ts';
import type { UserStore } from '../../ports/user-store.ts';
import { createChunkStore } from './chunk-store.ts';
import { createSendExtraction } from './send-extraction.ts';
import type { ReaderServices, ScannerServices, WriterServices } from './services.ts';
import { startWorker, type WorkerClient } from './worker-client.ts';

/** Holds the vectors of about 87,000 chunks of 384 dimensions, so that repeated exact scans do not read them again. */
const DEFAULT_VECTOR_CACHE_BYTES = 128 * 1024 * 1024;

export type SqliteOptions = {
  /** The database file; its folder exists. */
  path: string;
  clock?: Pick<Clock, 'nowMs'>;
  /** Upper limit of the database file; past it writes that need room throw STORAGE_FULL. None by default. */
  maxSizeBytes?: number;
  vectorCacheBytes?: number;
};

export type SqliteStores = {
  users: UserStore;
  files: FileStore;
  chunks: ChunkStore;
  knowledge: KnowledgeStore;
  jobs: JobQueue;
  /** Commits a row: proves that writing works. Throws STORAGE_FULL or STORAGE_FAILED. */
  checkWritable(): Promise<void>;
  /** Lets calls in flight finish, writes the log back into the database file and ends the threads. */
  close(): Promise<void>;
};

type Threads = { writer: WorkerClient; reader: WorkerClient; scanner: WorkerClient };

/**
 * Opens the database (creating or migrating it) in three threads: one that writes, one for small reads, one for long ones,
 * so that neither an fsync nor a scan holds up a request. A promise of a write resolves after its commit was fsynced, and
 * reads made after that see it. Throws CONFIG_INVALID for a database of a newer program, STORAGE_FAILED, STORAGE_FULL.
 */
export async function openSqlite(options: SqliteOptions): Promise<SqliteStores> {
  const nowMs = (): number => options.clock?.nowMs() ?? Date.now();
  const start = (role: 'writer' | 'reader' | 'scanner'): Promise<WorkerClient> => startWorker({
    role,
    path: options.path,
    maxSizeBytes: options.maxSizeBytes ?? null,
    vectorCacheBytes: options.vectorCacheBytes ?? DEFAULT_VECTOR_CACHE_BYTES,
  }, nowMs);
  // The writer makes the file and its schema; readers need both.
  const writer = await start('writer');
  try {
    const [reader, scanner] = await Promise.all([start('reader'), start('scanner')]);
    return assemble({ writer, reader, scanner }, nowMs);
  } catch (error) {
    await writer.close();
    throw error;
  }
}

function assemble({ writer, reader, scanner }: Threads, nowMs: () => number): SqliteStores {
  const ingestion = writer.service<WriterServices['ingestion']>('ingestion');
  const stats = reader.service<ReaderServices['jobs']>('jobs').stats;
  const probe = writer.service<WriterServices['probe']>('probe');
  return {
    users: { ...writer.service<WriterServices['users']>('users'), ...reader.service<ReaderServices['users']>('users') },
    files: {
      ...writer.service<WriterServices['files']>('files'),
      ...ingestion,
      ...reader.service<ReaderServices['files']>('files'),
      ...scanner.service<ScannerServices['files']>('files'),
      saveExtraction: createSendExtraction(writer),
    },
    chunks: createChunkStore({
      ingestion,
      reader: reader.service<ReaderServices['chunks']>('chunks'),
      scanner: scanner.service<ScannerServices['chunks']>('chunks'),
    }),
    knowledge: {
      ...writer.service<WriterServices['knowledge']>('knowledge'),
      ...reader.service<ReaderServices['knowledge']>('knowledge'),
    },
    jobs: { ...writer.service<WriterServices['jobs']>('jobs'), stats: () => stats(nowMs()) },
    checkWritable: probe.write,
    close: async () => {
      // The last connection to close writes the log back, and only the writer can.
      await Promise.all([reader.close(), scanner.close()]);
      await writer.close();
    },
  };
}
