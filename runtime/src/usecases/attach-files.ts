import { AppError } from '../domain/errors.ts';
import type { FileRecord } from '../domain/file.ts';
import type { Principal } from '../domain/user.ts';
import { canFile } from './authorize.ts';
import { requireFile } from './file-access.ts';
import { requireKnowledge, withFiles, type KnowledgeDeps } from './manage-knowledge.ts';
import { waitUntilProcessed, type WaitDeps } from './wait-until-processed.ts';
import type { UseCases } from './use-cases.ts';

export type AttachDeps = KnowledgeDeps & WaitDeps;

type AttachFiles = Pick<UseCases, 'addFileToKnowledge' | 'addFilesToKnowledge' | 'removeFileFromKnowledge'>;

/**
 * Linking and unlinking. Unlike Open WebUI, an add waits for a file in work and never changes the file itself. Only a
 * file's owner (or an admin) may add it: a link lets everybody read the file who may read the knowledge base, so a reader
 * who could add it would pass on, and keep, what was only lent.
 */
export function createAttachFiles(deps: AttachDeps): AttachFiles {
  const link = async (principal: Principal, knowledgeId: string, file: FileRecord): Promise<'linked' | 'already-linked' | 'duplicate'> => {
    const outcome = await deps.knowledge.link(knowledgeId, file.id, principal.user.id);
    if (outcome === 'knowledge-missing') throw new AppError('NOT_FOUND', 'The knowledge base was deleted meanwhile.');
    if (outcome === 'file-missing') throw new AppError('NOT_FOUND', 'The file was deleted meanwhile.');
    if (outcome === 'linked') {
      deps.cache.invalidate(knowledgeId);
      deps.signals.wakeJobs();
    }
    return outcome;
  };
  return {
    async addFileToKnowledge(principal, knowledgeId, fileId, signal) {
      await requireKnowledge(deps, principal, 'write', knowledgeId);
      const file = await waitUntilProcessed(deps, await requireFile(deps, principal, 'write', fileId), signal);
      // The wait may have been long enough for the right to be taken away.
      const knowledge = await requireKnowledge(deps, principal, 'write', knowledgeId);
      if ((await link(principal, knowledgeId, file)) === 'duplicate') {
        throw new AppError('DUPLICATE_CONTENT', `Another file of this knowledge base has the same text as ${file.filename}.`, { details: { fileId } });
      }
      return withFiles(deps, principal, (await deps.knowledge.get(knowledgeId)) ?? knowledge);
    },
    async addFilesToKnowledge(principal, knowledgeId, fileIds, signal) {
      await requireKnowledge(deps, principal, 'write', knowledgeId);
      const files = await deps.files.getMany(fileIds);
      const usable = new Set(files.filter((file) => canFile(principal, 'write', file, [])).map((file) => file.id));
      const unusable = fileIds.find((id) => !usable.has(id));
      // One text for unknown and foreign ids: it must not tell which ids exist.
      if (unusable !== undefined) throw new AppError('INVALID_INPUT', `File ${unusable.slice(0, 64)} not found`);
      // All are waited for before the first is linked: one that fails leaves the knowledge base as it was.
      const processed: FileRecord[] = [];
      for (const file of files) processed.push(await waitUntilProcessed(deps, file, signal));
      const knowledge = await requireKnowledge(deps, principal, 'write', knowledgeId);
      for (const file of processed) await link(principal, knowledgeId, file);
      return withFiles(deps, principal, (await deps.knowledge.get(knowledgeId)) ?? knowledge);
    },
    async removeFileFromKnowledge(principal, knowledgeId, fileId, options) {
      const knowledge = await requireKnowledge(deps, principal, 'write', knowledgeId);
      if (!(await deps.knowledge.unlink(knowledgeId, fileId))) throw new AppError('NOT_FOUND', 'The file is not in this knowledge base.');
      deps.cache.invalidate(knowledgeId);
      const file = await deps.files.get(fileId);
      if (options.deleteFile && file !== null && canFile(principal, 'write', file, [])) {
        const holders = await deps.knowledge.holding(fileId);
        await deps.files.startDelete(fileId);
        for (const holder of holders) deps.cache.invalidate(holder);
        deps.signals.fileChanged(fileId);
      }
      deps.signals.wakeJobs();
      return withFiles(deps, principal, (await deps.knowledge.get(knowledgeId)) ?? knowledge);
    },
  };
}
