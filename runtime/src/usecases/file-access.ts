import { AppError } from '../domain/errors.ts';
import type { FileRecord } from '../domain/file.ts';
import type { Knowledge } from '../domain/knowledge.ts';
import type { Principal } from '../domain/user.ts';
import type { FileStore } from '../ports/file-store.ts';
import type { KnowledgeStore } from '../ports/knowledge-store.ts';
import { canFile, type Action } from './authorize.ts';

export type FileAccessDeps = { files: FileStore; knowledge: KnowledgeStore };

/** Ids are UUIDs; anything else is unknown without asking the store. */
const ID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/u;

/** The file if the principal may do `action` with it; else NOT_FOUND, alike for foreign and unknown ids. */
export async function requireFile(deps: FileAccessDeps, principal: Principal, action: Action, id: string): Promise<FileRecord> {
  const file = ID.test(id) ? await deps.files.get(id) : null;
  if (file === null) throw new AppError('NOT_FOUND', `There is no file with the id ${shown(id)}.`);
  if (canFile(principal, action, file, [])) return file;
  const holders: Knowledge[] = [];
  for (const knowledgeId of action === 'read' ? await deps.knowledge.holding(id) : []) {
    const knowledge = await deps.knowledge.get(knowledgeId);
    if (knowledge !== null) holders.push(knowledge);
  }
  if (canFile(principal, action, file, holders)) return file;
  throw new AppError('NOT_FOUND', `There is no file with the id ${shown(id)}.`);
}

/** An id as it may stand in an error message: short and printable. */
export function shown(id: string): string {
  return JSON.stringify(id.slice(0, 64));
}
