import { z } from 'zod';
import type { UseCases } from '../../usecases/use-cases.ts';
import type { Router } from '../router.ts';
import { idParams, queryInteger } from '../schemas/fields.ts';
import {
  grantsForm,
  knowledgeFilePage,
  knowledgeFilesResponse,
  knowledgeForm,
  knowledgePage,
  knowledgeResponse,
  knowledgeViewResponse,
  toGrantInputs,
  toKnowledge,
  toKnowledgeFileItem,
  toKnowledgeFiles,
  toKnowledgeListItem,
  toKnowledgeView,
} from '../schemas/knowledge.ts';
import { registerKnowledgeFiles } from './knowledge-files.ts';

const PAGE_SIZE = 30;
const MAX_PAGE_SIZE = 1000;
const tags = ['knowledge'];
/** Most knowledge routes answer a wrong id and a missing right with 400. */
const badRequests = { NOT_FOUND: 400, ACCESS_PROHIBITED: 400 } as const;

/** Knowledge bases (contract 6). */
export function registerKnowledge(router: Router, useCases: UseCases): void {
  registerLists(router, useCases);
  registerRecord(router, useCases);
  registerFileList(router, useCases);
  registerChanges(router, useCases);
  registerKnowledgeFiles(router, useCases);
}

function registerLists(router: Router, useCases: UseCases): void {
  router.route({
    method: 'GET',
    url: '/api/v1/knowledge/',
    auth: 'user',
    tags,
    summary: 'Knowledge bases that the caller may read, last changed first',
    query: z.object({ page: queryInteger(1) }),
    response: knowledgePage,
    handler: async ({ caller, query }) => {
      const page = await useCases.listKnowledge(caller.principal, { page: Math.max(1, query.page), pageSize: PAGE_SIZE });
      return { items: page.items.map(toKnowledgeListItem), total: page.total };
    },
  });
  router.route({
    method: 'GET',
    url: '/api/v1/knowledge/search',
    auth: 'user',
    tags,
    summary: 'Knowledge bases by part of their name',
    query: z.object({ query: z.string().optional().default(''), page: queryInteger(1) }),
    response: knowledgePage,
    handler: async ({ caller, query }) => {
      const request = { search: query.query, page: Math.max(1, query.page), pageSize: PAGE_SIZE };
      const page = await useCases.listKnowledge(caller.principal, request);
      return { items: page.items.map(toKnowledgeListItem), total: page.total };
    },
  });
}

function registerRecord(router: Router, useCases: UseCases): void {
  router.route({
    method: 'POST',
    url: '/api/v1/knowledge/create',
    auth: 'user',
    tags,
    summary: 'Create a knowledge base',
    body: knowledgeForm,
    response: knowledgeResponse,
    handler: async ({ caller, body }) => {
      const { name, description } = body;
      return toKnowledge(
        await useCases.createKnowledge(caller.principal, { name, description, grants: toGrantInputs(body.access_grants) }),
      );
    },
  });
  router.route({
    method: 'GET',
    url: '/api/v1/knowledge/:id',
    auth: 'user',
    tags,
    summary: 'A knowledge base; its files have a route of their own',
    params: idParams,
    response: knowledgeViewResponse,
    handler: async ({ caller, params }) => toKnowledgeView(await useCases.getKnowledge(caller.principal, params.id)),
  });
}

function registerFileList(router: Router, useCases: UseCases): void {
  router.route({
    method: 'GET',
    url: '/api/v1/knowledge/:id/files',
    auth: 'user',
    tags,
    summary: 'Files of a knowledge base',
    params: idParams,
    query: z.object({
      query: z.string().optional(),
      page: queryInteger(1),
      limit: queryInteger(PAGE_SIZE, { min: 1, max: MAX_PAGE_SIZE }).meta({ description: 'For admins' }),
      directory_id: z.string().optional(),
    }),
    response: knowledgeFilePage,
    errorStatus: badRequests,
    handler: async ({ caller, params, query }) => {
      const isAdmin = caller.principal.user.role === 'admin';
      const page = await useCases.listKnowledgeFiles(caller.principal, params.id, {
        ...(query.query === undefined ? {} : { search: query.query }),
        page: Math.max(1, query.page),
        pageSize: isAdmin ? query.limit : PAGE_SIZE,
      });
      // there are no directories: an empty id names the root, any other one nothing
      const isElsewhere = query.directory_id !== undefined && query.directory_id !== '';
      const items = isElsewhere ? [] : page.items.map(toKnowledgeFileItem);
      return { items, directories: [], breadcrumbs: [], total: isElsewhere ? 0 : page.total };
    },
  });
}

function registerChanges(router: Router, useCases: UseCases): void {
  const shared = { auth: 'user' as const, tags, params: idParams, errorStatus: badRequests };
  router.route({
    ...shared,
    method: 'POST',
    url: '/api/v1/knowledge/:id/update',
    summary: 'Change name, description and who may read',
    body: knowledgeForm,
    response: knowledgeFilesResponse,
    handler: async ({ caller, params, body }) => {
      const change = { name: body.name, description: body.description, grants: toGrantInputs(body.access_grants) };
      return toKnowledgeFiles(await useCases.updateKnowledge(caller.principal, params.id, change));
    },
  });
  router.route({
    ...shared,
    method: 'POST',
    url: '/api/v1/knowledge/:id/access/update',
    summary: 'Replace the list of who may read and write',
    errorStatus: { ACCESS_PROHIBITED: 400 },
    body: grantsForm,
    response: knowledgeFilesResponse,
    handler: async ({ caller, params, body }) => {
      const { name, description } = await useCases.getKnowledge(caller.principal, params.id);
      const change = { name, description, grants: toGrantInputs(body.access_grants) };
      return toKnowledgeFiles(await useCases.updateKnowledge(caller.principal, params.id, change));
    },
  });
  router.route({
    ...shared,
    method: 'POST',
    url: '/api/v1/knowledge/:id/reset',
    summary: 'Take every file out; the files stay',
    response: knowledgeResponse,
    handler: async ({ caller, params }) => toKnowledge(await useCases.resetKnowledge(caller.principal, params.id)),
  });
  router.route({
    ...shared,
    method: 'DELETE',
    url: '/api/v1/knowledge/:id/delete',
    summary: 'Delete a knowledge base; its files stay',
    response: z.literal(true),
    handler: async ({ caller, params }) => {
      await useCases.deleteKnowledge(caller.principal, params.id);
      return true as const;
    },
  });
}
