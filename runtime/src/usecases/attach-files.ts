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

/** Linking and unlinking. Unlike Open WebUI, an add waits for a file in work and never changes the file itself. */
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
      const knowledge = await requireKnowledge(deps, principal, 'write', knowledgeId);
      const file = await waitUntilProcessed(deps, await requireFile(deps, principal, 'read', fileId), signal);
      if ((await link(principal, knowledgeId, file)) === 'duplicate') {
        throw new AppError('DUPLICATE_CONTENT', `Another file of this knowledge base has the same text as ${file.filename}.`, { details: { fileId } });
      }
      return withFiles(deps, principal, (await deps.knowledge.get(knowledgeId)) ?? knowledge);
    },
    async addFilesToKnowledge(principal, knowledgeId, fileIds, signal) {
      const knowledge = await requireKnowledge(deps, principal, 'write', knowledgeId);
      const files: FileRecord[] = [];
      for (const id of new Set(fileIds)) {
        const file = await deps.files.get(id);
        if (file === null) throw new AppError('INVALID_INPUT', `File ${id.slice(0, 64)} not found`);
        if (!canFile(principal, 'read', file, [])) await requireFile(deps, principal, 'read', id);
        files.push(file);
      }
      for (const file of files) await link(principal, knowledgeId, await waitUntilProcessed(deps, file, signal));
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
