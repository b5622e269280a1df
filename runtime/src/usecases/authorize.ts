import { AppError } from '../domain/errors.ts';
import type { FileRecord } from '../domain/file.ts';
import type { Knowledge } from '../domain/knowledge.ts';
import type { Principal } from '../domain/user.ts';

export type Action = 'read' | 'write';

/** The only access rule of the program: owners and admins do everything, others what a grant says. Default is no. */
export function canKnowledge(principal: Principal, action: Action, knowledge: Knowledge): boolean {
  if (principal.user.role === 'admin' || knowledge.userId === principal.user.id) return true;
  return knowledge.accessGrants.some(
    (grant) =>
      grant.principalType === 'user' &&
      (grant.principalId === '*' || grant.principalId === principal.user.id) &&
      (grant.permission === 'write' || action === 'read'),
  );
}

/** A file is its owner's; `holders` are the knowledge bases that contain it, through which others may read it. */
export function canFile(principal: Principal, action: Action, file: FileRecord, holders: readonly Knowledge[]): boolean {
  if (principal.user.role === 'admin' || file.userId === principal.user.id) return true;
  return action === 'read' && holders.some((knowledge) => canKnowledge(principal, 'read', knowledge));
}

export function requireVerified(principal: Principal): void {
  if (principal.user.role === 'pending') throw new AppError('ACCESS_PROHIBITED', 'This account is waiting for an admin to let it in.');
}

export function requireAdmin(principal: Principal): void {
  if (principal.user.role !== 'admin') throw new AppError('ACCESS_PROHIBITED', 'Only an admin may do this.');
}
