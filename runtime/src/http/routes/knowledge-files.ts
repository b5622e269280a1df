import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import type { UseCases } from '../../usecases/use-cases.ts';
import { TEXT } from '../error-texts.ts';
import { sendJson } from '../errors.ts';
import { type Router, SENT } from '../router.ts';
import { idParams, queryBoolean } from '../schemas/fields.ts';
import { fileIdForm, fileIdList, knowledgeFilesResponse, toKnowledgeFiles } from '../schemas/knowledge.ts';

/** Adding files to a knowledge base and taking them out (contract 6.3 to 6.5). */
export function registerKnowledgeFiles(router: Router, useCases: UseCases): void {
  const shared = {
    method: 'POST' as const,
    auth: 'user' as const,
    tags: ['knowledge'],
    params: idParams,
    response: knowledgeFilesResponse,
    errorStatus: { NOT_FOUND: 400, ACCESS_PROHIBITED: 400 } as const,
  };
  router.route({
    ...shared,
    url: '/api/v1/knowledge/:id/file/add',
    summary: 'Add a file; waits for one that is still being processed',
    body: fileIdForm,
    handler: async ({ caller, params, body, signal, reply }) => {
      if (namesDirectory(body)) return refuseDirectory(reply);
      return toKnowledgeFiles(await useCases.addFileToKnowledge(caller.principal, params.id, body.file_id, signal));
    },
  });
  router.route({
    ...shared,
    url: '/api/v1/knowledge/:id/files/batch/add',
    summary: 'Add several files; duplicates are left out',
    body: fileIdList,
    handler: async ({ caller, params, body, signal, reply }) => {
      if (body.some(namesDirectory)) return refuseDirectory(reply);
      const ids = body.map((entry) => entry.file_id);
      return toKnowledgeFiles(await useCases.addFilesToKnowledge(caller.principal, params.id, ids, signal));
    },
  });
  router.route({
    ...shared,
    url: '/api/v1/knowledge/:id/file/remove',
    summary: 'Take a file out and, unless delete_file=false, delete it',
    query: z.object({ delete_file: queryBoolean(true) }),
    body: fileIdForm,
    handler: async ({ caller, params, query, body }) => {
      const options = { deleteFile: query.delete_file };
      return toKnowledgeFiles(await useCases.removeFileFromKnowledge(caller.principal, params.id, body.file_id, options));
    },
  });
}

function namesDirectory({ directory_id }: z.output<typeof fileIdForm>): boolean {
  return directory_id !== null && directory_id !== undefined && directory_id !== '';
}

/** Directories inside a knowledge base do not exist here. */
function refuseDirectory(reply: FastifyReply): typeof SENT {
  sendJson(reply.code(404), { detail: TEXT.directoryNotFound });
  return SENT;
}
