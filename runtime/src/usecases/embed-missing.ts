import { isAppError } from '../domain/errors.ts';
import type { ChunkStore } from '../ports/chunk-store.ts';
import type { Embedder } from '../ports/embedder.ts';
import type { KnowledgeStore } from '../ports/knowledge-store.ts';
import type { Logger } from '../ports/logger.ts';
import { pause, type Signals } from './background.ts';
import { embedFile } from './ingest-file.ts';
import { retryDelayMs } from './run-jobs.ts';

export type EmbedMissingDeps = { chunks: ChunkStore; embedder: Embedder; knowledge: KnowledgeStore; signals: Signals; logger: Logger };

/** Files between two requests to bring the vector indexes in line. */
const FILES_PER_ROUND = 20;

/**
 * After a change of the embedding model: embeds the texts of every completed file that the model in use has not seen, oldest
 * first, then resolves; words answer meanwhile. What is left to do is read from the store, so a restart goes on where it
 * was. Waits for a server that is away; a file that the model refuses is logged and keeps answering by its words.
 */
export async function embedMissing(deps: EmbedMissingDeps, signal: AbortSignal): Promise<void> {
  const refused = new Set<string>();
  let failures = 0;
  let embedded = 0;
  while (!signal.aborted) {
    try {
      const found = await deps.chunks.filesWithoutEmbeddings(deps.embedder.profileKey, FILES_PER_ROUND + refused.size);
      const fileIds = found.filter((id) => !refused.has(id)).slice(0, FILES_PER_ROUND);
      if (fileIds.length === 0) break;
      if (embedded === 0 && failures === 0) deps.logger.info({ model: deps.embedder.profile.model }, 'Texts without a vector of this embedding model are embedded in the background');
      for (const id of fileIds) if (!(await embedOne(deps, id, signal))) refused.add(id);
      embedded += fileIds.length;
      failures = 0;
      await requestSyncs(deps, fileIds);
    } catch (error) {
      if (signal.aborted) return;
      failures += 1;
      // Said once: the wait may be long, and /ready shows the state of the server.
      if (failures === 1) deps.logger.warn({ err: error }, 'Stored texts cannot be embedded now; it is tried again until the embedding server answers');
      await pause(retryDelayMs(failures), signal);
    }
  }
  if (embedded > 0 && !signal.aborted) deps.logger.info({ files: embedded - refused.size, refused: refused.size }, 'Stored texts were embedded with the model in use');
}

/** False when the model refuses the file's text; throws what may pass. */
async function embedOne(deps: EmbedMissingDeps, fileId: string, signal: AbortSignal): Promise<boolean> {
  try {
    await embedFile(deps, fileId, signal);
    return true;
  } catch (error) {
    const mayPass = !isAppError(error) || error.isRetryable || error.code === 'UPSTREAM_TIMEOUT';
    if (signal.aborted || mayPass) throw error;
    deps.logger.warn({ err: error, fileId }, 'A stored text cannot be embedded with the model in use; it is found by its words alone');
    return false;
  }
}

async function requestSyncs(deps: EmbedMissingDeps, fileIds: readonly string[]): Promise<void> {
  const holders = new Set((await Promise.all(fileIds.map((id) => deps.knowledge.holding(id)))).flat());
  await Promise.all([...holders].map((knowledgeId) => deps.knowledge.requestSync(knowledgeId)));
  if (holders.size > 0) deps.signals.wakeJobs();
}
