import { AppError } from '../domain/errors.ts';
import type { BlobStore } from '../ports/blob-store.ts';
import type { FileStore } from '../ports/file-store.ts';
import type { KnowledgeStore } from '../ports/knowledge-store.ts';
import { cleanFileName } from '../domain/file-name.ts';
import type { Principal } from '../domain/user.ts';
import { pause, type Signals } from './background.ts';
import { requireFile } from './file-access.ts';
import type { KnowledgeCache } from './knowledge-cache.ts';
import type { UseCases } from './use-cases.ts';

export type ReadFilesDeps = { files: FileStore; blobs: BlobStore; knowledge: KnowledgeStore; signals: Signals; cache: KnowledgeCache };

/** Upper bound between two looks at a file's status when no change was announced. */
const POLL_MS = 1000;

type ReadFiles = Pick<
  UseCases,
  'getFile' | 'getFileText' | 'openFile' | 'listFiles' | 'searchFiles' | 'countFiles' | 'renameFile' | 'deleteFile' | 'waitForFile' | 'watchFile'
>;

/** Whose files a list shows: an admin sees all unless `ownOnly`. */
function owner(principal: Principal, ownOnly: boolean | undefined): string | null {
  return principal.user.role === 'admin' && ownOnly !== true ? null : principal.user.id;
}

/** Everything about files but uploading and processing them. */
export function createReadFiles(deps: ReadFilesDeps): ReadFiles {
  return {
    getFile: (principal, id) => requireFile(deps, principal, 'read', id),
    async getFileText(principal, id) {
      await requireFile(deps, principal, 'read', id);
      return (await deps.files.text(id)) ?? '';
    },
    async openFile(principal, id, range) {
      const file = await requireFile(deps, principal, 'read', id);
      if (range === null) return { file, ...(await deps.blobs.open(id)), range: null };
      const clamped = { start: range.start, end: Math.min(range.end ?? file.sizeBytes - 1, file.sizeBytes - 1) };
      if (clamped.start > clamped.end) throw new AppError('INVALID_INPUT', `The range begins past the end of the file (${file.sizeBytes} bytes).`, { details: { sizeBytes: file.sizeBytes, isRange: true } });
      return { file, ...(await deps.blobs.open(id, clamped)), sizeBytes: file.sizeBytes, range: clamped };
    },
    listFiles: (principal, query) =>
      deps.files.list({ userId: owner(principal, query.ownOnly), offset: (query.page - 1) * query.pageSize, limit: query.pageSize }),
    searchFiles: (principal, query) =>
      deps.files.search({ userId: owner(principal, query.ownOnly), pattern: query.pattern, offset: query.offset, limit: query.limit }),
    countFiles: (principal, query) => deps.files.count(owner(principal, query.ownOnly)),
    async renameFile(principal, id, filename) {
      await requireFile(deps, principal, 'write', id);
      const cleaned = cleanFileName(filename);
      if (cleaned === '') throw new AppError('INVALID_INPUT', 'The new file name is empty.');
      const renamed = await deps.files.rename(id, cleaned);
      if (renamed === null) throw new AppError('NOT_FOUND', 'The file was deleted meanwhile.');
      return renamed;
    },
    async deleteFile(principal, id) {
      await requireFile(deps, principal, 'write', id);
      const holders = await deps.knowledge.holding(id);
      await deps.files.startDelete(id);
      for (const knowledgeId of holders) deps.cache.invalidate(knowledgeId);
      deps.signals.fileChanged(id);
      deps.signals.wakeJobs();
    },
    async waitForFile(principal, id, signal) {
      for (;;) {
        const changed = deps.signals.nextFileChange(id, POLL_MS, signal);
        const file = await requireFile(deps, principal, 'read', id);
        if ((file.status !== 'pending' && file.status !== 'processing') || signal.aborted) return file;
        await changed;
      }
    },
    async *watchFile(principal, id, signal) {
      let file = await requireFile(deps, principal, 'read', id);
      while (!signal.aborted) {
        yield { status: file.status, error: file.error };
        if (file.status !== 'pending' && file.status !== 'processing') return;
        await deps.signals.nextFileChange(id, POLL_MS, signal);
        // Changes can come in bursts; the contract promises about one event a second, not one a change.
        await pause(50, signal);
        const current = await deps.files.get(id);
        if (current === null) {
          yield { status: 'gone', error: null };
          return;
        }
        file = current;
      }
    },
  };
}
