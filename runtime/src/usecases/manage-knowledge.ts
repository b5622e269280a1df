import { AppError } from '../domain/errors.ts';
import type { AccessGrant, Knowledge } from '../domain/knowledge.ts';
import type { Principal, User } from '../domain/user.ts';
import type { Clock } from '../ports/clock.ts';
import type { FileStore } from '../ports/file-store.ts';
import type { KnowledgeStore } from '../ports/knowledge-store.ts';
import type { UserStore } from '../ports/user-store.ts';
import { canKnowledge, type Action } from './authorize.ts';
import type { Signals } from './background.ts';
import { shown } from './file-access.ts';
import type { KnowledgeCache } from './knowledge-cache.ts';
import type { GrantInput, KnowledgeView, KnowledgeWithFiles, UseCases } from './use-cases.ts';

export type KnowledgeDeps = { knowledge: KnowledgeStore; files: FileStore; users: UserStore; clock: Clock; signals: Signals; cache: KnowledgeCache };

/**
 * Files that an answer of update, add and remove lists, those linked last; the contract has no paging there. All of them
 * would make adding 10,000 files a matter of 50 million rows; GET /{id}/files pages through the rest.
 */
const MAX_LISTED_FILES = 200;

type ManageKnowledge = Pick<
  UseCases,
  'createKnowledge' | 'listKnowledge' | 'getKnowledge' | 'updateKnowledge' | 'listKnowledgeFiles' | 'resetKnowledge' | 'deleteKnowledge'
>;

/** Unknown ids are NOT_FOUND, others without the right ACCESS_PROHIBITED, as the contract has it for knowledge. */
export async function requireKnowledge(deps: Pick<KnowledgeDeps, 'knowledge'>, principal: Principal, action: Action, id: string): Promise<Knowledge> {
  const knowledge = id.length <= 64 ? await deps.knowledge.get(id) : null;
  if (knowledge === null) throw new AppError('NOT_FOUND', `There is no knowledge base with the id ${shown(id)}.`);
  if (!canKnowledge(principal, action, knowledge)) throw new AppError('ACCESS_PROHIBITED', 'You have no right to do this with the knowledge base.');
  return knowledge;
}

export async function withFiles(deps: Pick<KnowledgeDeps, 'knowledge'>, principal: Principal, knowledge: Knowledge): Promise<KnowledgeWithFiles> {
  const page = await deps.knowledge.files(knowledge.id, { offset: 0, limit: MAX_LISTED_FILES, newestFirst: true });
  return { ...view(principal, knowledge), files: page.items.toReversed() };
}

function view(principal: Principal, knowledge: Knowledge): KnowledgeView {
  return { ...knowledge, canWrite: canKnowledge(principal, 'write', knowledge) };
}

/** `anyone`, people without an account, is left out as the contract has it: nothing here is readable without a credential. */
function toGrants(clock: Clock, inputs: GrantInput[]): AccessGrant[] {
  const usable = inputs.filter((grant) => grant.principalType !== 'anyone');
  return usable.map((grant) => ({ ...grant, id: clock.uuid(), createdAtMs: clock.nowMs() }));
}

/** Who may write may not pass that on: forms send the grants along unchanged, anything else is the owner's to decide. */
function checkGrants(principal: Principal, knowledge: Knowledge, grants: GrantInput[] | null): void {
  if (grants === null || principal.user.role === 'admin' || knowledge.userId === principal.user.id) return;
  const key = (grant: GrantInput): string => `${grant.principalType} ${grant.permission} ${grant.principalId}`;
  const current = knowledge.accessGrants.map(key).toSorted().join('\n');
  if (grants.map(key).toSorted().join('\n') === current) return;
  throw new AppError('ACCESS_PROHIBITED', 'Only the owner of the knowledge base and admins may change who has access.');
}

function checkName(name: string): string {
  const trimmed = name.trim();
  if (trimmed === '') throw new AppError('INVALID_INPUT', 'The knowledge base needs a name.');
  return trimmed;
}

export function createManageKnowledge(deps: KnowledgeDeps): ManageKnowledge {
  const usersOf = async (ids: Iterable<string>): Promise<Map<string, User>> => {
    // Asked for at once, so that the store answers them in one turn.
    const users = await Promise.all([...new Set(ids)].map((id) => deps.users.byId(id)));
    return new Map(users.flatMap((user) => (user === null ? [] : [[user.id, user]])));
  };
  return {
    async createKnowledge(principal, input) {
      const now = deps.clock.nowMs();
      const knowledge: Knowledge = {
        id: deps.clock.uuid(),
        userId: principal.user.id,
        name: checkName(input.name),
        description: input.description,
        meta: null,
        accessGrants: toGrants(deps.clock, input.grants ?? []),
        createdAtMs: now,
        updatedAtMs: now,
      };
      await deps.knowledge.insert(knowledge);
      return knowledge;
    },
    async listKnowledge(principal, query) {
      const readerId = principal.user.role === 'admin' ? null : principal.user.id;
      const page = await deps.knowledge.list({
        readerId,
        ...(query.search === undefined ? {} : { search: query.search }),
        offset: (query.page - 1) * query.pageSize,
        limit: query.pageSize,
      });
      const users = await usersOf(page.items.map((item) => item.userId));
      return {
        total: page.total,
        items: page.items.map((item) => ({ ...item, canWrite: canKnowledge(principal, 'write', item), user: users.get(item.userId) ?? null })),
      };
    },
    async getKnowledge(principal, id) {
      return view(principal, await requireKnowledge(deps, principal, 'read', id));
    },
    async updateKnowledge(principal, id, input) {
      checkGrants(principal, await requireKnowledge(deps, principal, 'write', id), input.grants);
      const updated = await deps.knowledge.update(id, {
        name: checkName(input.name),
        description: input.description,
        ...(input.grants === null ? {} : { accessGrants: toGrants(deps.clock, input.grants) }),
      });
      if (updated === null) throw new AppError('NOT_FOUND', 'The knowledge base was deleted meanwhile.');
      return withFiles(deps, principal, updated);
    },
    async listKnowledgeFiles(principal, id, query) {
      await requireKnowledge(deps, principal, 'read', id);
      const page = await deps.knowledge.files(id, {
        ...(query.search === undefined ? {} : { search: query.search }),
        offset: (query.page - 1) * query.pageSize,
        limit: query.pageSize,
      });
      const users = await usersOf(page.items.map((item) => item.addedByUserId));
      return { total: page.total, items: page.items.map((item) => ({ ...item, addedBy: users.get(item.addedByUserId) ?? null })) };
    },
    async resetKnowledge(principal, id) {
      const knowledge = await requireKnowledge(deps, principal, 'write', id);
      await deps.knowledge.reset(id);
      deps.cache.invalidate(id);
      deps.signals.wakeJobs();
      return view(principal, knowledge);
    },
    async deleteKnowledge(principal, id) {
      await requireKnowledge(deps, principal, 'write', id);
      await deps.knowledge.remove(id);
      deps.cache.invalidate(id);
      deps.signals.wakeJobs();
    },
  };
}
