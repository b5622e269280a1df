import { z } from 'zod';
import type { AccessGrant, Knowledge } from '../../domain/knowledge.ts';
import type { User } from '../../domain/user.ts';
import type { KnowledgeSummary, LinkedFile } from '../../ports/knowledge-store.ts';
import type { GrantInput, KnowledgeWithFiles } from '../../usecases/use-cases.ts';
import { toSeconds } from './fields.ts';
import { fileMeta, toFileMeta } from './files.ts';
import { toUserSummary, userSummary } from './users.ts';

const accessGrant = z.object({
  id: z.string(),
  resource_type: z.literal('knowledge'),
  resource_id: z.string(),
  principal_type: z.enum(['user', 'group', 'anyone']),
  principal_id: z.string(),
  permission: z.enum(['read', 'write']),
  created_at: z.int(),
});

/** Open WebUI drops a grant with a typo, which makes the base private without a word; here it is a 422. */
const grantInput = z.object({
  principal_type: z.enum(['user', 'group', 'anyone']),
  principal_id: z.string(),
  permission: z.enum(['read', 'write']),
});

export const knowledgeForm = z.object({
  name: z.string(),
  description: z.string(),
  access_grants: z.array(grantInput).nullable().optional(),
});
export const grantsForm = z.object({ access_grants: z.array(grantInput) });
export const fileIdForm = z.object({ file_id: z.string(), directory_id: z.string().nullable().optional() });
export const fileIdList = z.array(fileIdForm);

const knowledgeShape = {
  id: z.string(),
  user_id: z.string(),
  name: z.string(),
  description: z.string(),
  meta: z.record(z.string(), z.unknown()).nullable(),
  access_grants: z.array(accessGrant),
  created_at: z.int(),
  updated_at: z.int(),
};
const linkedFile = z.object({
  id: z.string(),
  hash: z.string().nullable(),
  meta: fileMeta,
  created_at: z.int(),
  updated_at: z.int(),
});

export const knowledgeResponse = z.object({ ...knowledgeShape, files: z.null() });
export const knowledgeViewResponse = z.object({ ...knowledgeShape, files: z.null(), write_access: z.boolean() });
export const knowledgeFilesResponse = z.object({ ...knowledgeShape, files: z.array(linkedFile), write_access: z.boolean() });
const knowledgeListItem = z.object({
  ...knowledgeShape,
  user: userSummary.nullable(),
  file_count: z.int(),
  write_access: z.boolean(),
});
export const knowledgePage = z.object({ items: z.array(knowledgeListItem), total: z.int() });

const knowledgeFileItem = z.object({
  id: z.string(),
  user_id: z.string(),
  hash: z.string().nullable(),
  filename: z.string(),
  data: z.null(),
  meta: fileMeta,
  created_at: z.int(),
  updated_at: z.int(),
  directory_id: z.null(),
  /** Empty: files lie in no directory. */
  directory_path: z.string(),
  has_original: z.boolean(),
  user: userSummary.nullable(),
});
export const knowledgeFilePage = z.object({
  items: z.array(knowledgeFileItem),
  directories: z.array(z.unknown()),
  breadcrumbs: z.array(z.unknown()),
  total: z.int(),
});

export function toGrantInputs(grants: Array<z.output<typeof grantInput>> | null | undefined): GrantInput[] | null {
  if (grants === null || grants === undefined) return null;
  return grants.map((grant) => ({
    principalType: grant.principal_type,
    principalId: grant.principal_id,
    permission: grant.permission,
  }));
}

function toGrant(grant: AccessGrant, knowledgeId: string): z.input<typeof accessGrant> {
  return {
    id: grant.id,
    resource_type: 'knowledge',
    resource_id: knowledgeId,
    principal_type: grant.principalType,
    principal_id: grant.principalId,
    permission: grant.permission,
    created_at: toSeconds(grant.createdAtMs),
  };
}

function toShape(knowledge: Knowledge) {
  return {
    id: knowledge.id,
    user_id: knowledge.userId,
    name: knowledge.name,
    description: knowledge.description,
    meta: knowledge.meta,
    access_grants: knowledge.accessGrants.map((grant) => toGrant(grant, knowledge.id)),
    created_at: toSeconds(knowledge.createdAtMs),
    updated_at: toSeconds(knowledge.updatedAtMs),
  };
}

export function toKnowledge(knowledge: Knowledge): z.input<typeof knowledgeResponse> {
  return { ...toShape(knowledge), files: null };
}

export function toKnowledgeView(knowledge: Knowledge & { canWrite: boolean }): z.input<typeof knowledgeViewResponse> {
  return { ...toShape(knowledge), files: null, write_access: knowledge.canWrite };
}

export function toKnowledgeFiles(knowledge: KnowledgeWithFiles): z.input<typeof knowledgeFilesResponse> {
  return { ...toShape(knowledge), files: knowledge.files.map(toLinkedFile), write_access: knowledge.canWrite };
}

function toLinkedFile(file: LinkedFile): z.input<typeof linkedFile> {
  return {
    id: file.id,
    hash: file.textHash,
    meta: toFileMeta(file),
    created_at: toSeconds(file.createdAtMs),
    updated_at: toSeconds(file.updatedAtMs),
  };
}

type ListedKnowledge = KnowledgeSummary & { canWrite: boolean; user: User | null };

export function toKnowledgeListItem(knowledge: ListedKnowledge): z.input<typeof knowledgeListItem> {
  return {
    ...toShape(knowledge),
    user: toUserSummary(knowledge.user),
    file_count: knowledge.fileCount,
    write_access: knowledge.canWrite,
  };
}

export function toKnowledgeFileItem(file: LinkedFile & { addedBy: User | null }): z.input<typeof knowledgeFileItem> {
  return {
    id: file.id,
    user_id: file.userId,
    hash: file.textHash,
    filename: file.filename,
    data: null,
    meta: toFileMeta(file),
    created_at: toSeconds(file.createdAtMs),
    updated_at: toSeconds(file.updatedAtMs),
    directory_id: null,
    directory_path: '',
    has_original: true,
    user: toUserSummary(file.addedBy),
  };
}
