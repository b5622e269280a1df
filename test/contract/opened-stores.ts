import type { ChunkStore } from '../../runtime/src/ports/chunk-store.ts';
import type { FileStore } from '../../runtime/src/ports/file-store.ts';
import type { JobQueue } from '../../runtime/src/ports/job-queue.ts';
import type { KnowledgeStore } from '../../runtime/src/ports/knowledge-store.ts';
import type { UserStore } from '../../runtime/src/ports/user-store.ts';

/** The stores of one empty database and a clock that only the test moves. */
export type OpenedStores = {
  users: UserStore;
  files: FileStore;
  chunks: ChunkStore;
  knowledge: KnowledgeStore;
  jobs: JobQueue;
  advanceMs(ms: number): void;
  nowMs(): number;
  close(): Promise<void>;
};

/** Opens an empty database; each adapter's test supplies it. */
export type OpenStores = () => Promise<OpenedStores>;
