import { z } from 'zod';
import { AppError, isAppError } from '../../domain/errors.ts';
import type { UseCases } from '../../usecases/use-cases.ts';
import { TEXT } from '../error-texts.ts';
import { fileTexts, textOf } from '../file-texts.ts';
import type { HttpOptions } from '../options.ts';
import type { Router } from '../router.ts';
import { idParams, queryBoolean, queryInteger } from '../schemas/fields.ts';
import {
  fileListItem,
  filePage,
  fileResponse,
  toFileResponse,
  toListItem,
  toUploadResponse,
  uploadForm,
  uploadResponse,
} from '../schemas/files.ts';
import { receiveUpload } from '../upload.ts';
import { registerFileContent } from './file-content.ts';
import { registerFileStatus } from './file-status.ts';

const PAGE_SIZE = 50;
const tags = ['files'];

/** Uploading, listing and reading files (contract 5). */
export function registerFiles(router: Router, useCases: UseCases, options: HttpOptions): void {
  registerUpload(router, useCases, options);
  registerList(router, useCases);
  for (const ownOnly of [false, true]) registerSearch(router, useCases, ownOnly);
  registerRecord(router, useCases);
  registerFileStatus(router, useCases, options);
  registerFileContent(router, useCases);
}

function registerUpload(router: Router, useCases: UseCases, options: HttpOptions): void {
  router.route({
    method: 'POST',
    url: '/api/v1/files/',
    auth: 'user',
    tags,
    summary: 'Upload a file and process it in the background',
    query: z.object({
      process: queryBoolean(true).meta({ description: 'false stores the file without reading it' }),
      process_in_background: queryBoolean(true).meta({ description: 'false answers when processing has ended' }),
    }),
    body: uploadForm,
    isMultipart: true,
    response: uploadResponse,
    handler: async ({ caller, query, signal, request }) => {
      const { principal } = caller;
      const stored = await receiveUpload(request, options.maxUploadBytes, (upload) =>
        useCases.uploadFile(principal, { ...upload, process: query.process }, signal).catch(explainUnknownKnowledge),
      );
      if (!query.process || query.process_in_background) return toUploadResponse(stored, null);
      const file = await useCases.waitForFile(principal, stored.id, signal);
      return toUploadResponse(file, await textOf(useCases, principal, file));
    },
  });
}

/** The only thing an upload can fail to find is the knowledge base that its metadata names: say so. */
function explainUnknownKnowledge(error: unknown): never {
  if (isAppError(error) && error.code === 'NOT_FOUND') throw new AppError('INVALID_INPUT', error.message, { cause: error });
  throw error;
}

function registerList(router: Router, useCases: UseCases): void {
  router.route({
    method: 'GET',
    url: '/api/v1/files/',
    auth: 'user',
    tags,
    summary: 'Files, last changed first; admins see those of all users',
    query: z.object({ page: queryInteger(1, { min: 1 }), content: queryBoolean(true) }),
    response: filePage,
    handler: async ({ caller, query }) => {
      const { items, total } = await useCases.listFiles(caller.principal, { page: query.page, pageSize: PAGE_SIZE });
      const texts = query.content ? await fileTexts(useCases, caller.principal, items) : null;
      return { items: items.map((file) => toListItem(file, texts?.get(file.id) ?? null)), total };
    },
  });
}

function registerSearch(router: Router, useCases: UseCases, ownOnly: boolean): void {
  const prefix = ownOnly ? '/api/v1/files/user' : '/api/v1/files';
  const whose = ownOnly ? 'own files' : 'files';
  router.route({
    method: 'GET',
    url: `${prefix}/search`,
    auth: 'user',
    tags,
    summary: `Search ${whose} by whole name; * and ? are wildcards`,
    query: z.object({
      filename: ownOnly ? z.string().optional().default('*') : z.string(),
      content: queryBoolean(!ownOnly),
      skip: queryInteger(0, { min: 0 }),
      limit: queryInteger(ownOnly ? 50 : 100, { min: 1, max: 1000 }),
    }),
    response: z.array(fileListItem),
    handler: async ({ caller, query }) => {
      const search = { pattern: query.filename, offset: query.skip, limit: query.limit, ownOnly };
      const files = await useCases.searchFiles(caller.principal, search);
      if (files.length === 0) throw new AppError('NOT_FOUND', TEXT.noFilesFound, { details: { isOwnText: true } });
      const texts = query.content ? await fileTexts(useCases, caller.principal, files) : null;
      return files.map((file) => toListItem(file, texts?.get(file.id) ?? null));
    },
  });
  router.route({
    method: 'GET',
    url: `${prefix}/count`,
    auth: 'user',
    tags,
    summary: `Number of ${whose}`,
    response: z.int(),
    handler: async ({ caller }) => useCases.countFiles(caller.principal, { ownOnly }),
  });
}

function registerRecord(router: Router, useCases: UseCases): void {
  const shared = { tags, auth: 'user' as const, params: idParams };
  router.route({
    ...shared,
    method: 'GET',
    url: '/api/v1/files/:id',
    summary: 'The record of a file with its text',
    response: fileResponse,
    handler: async ({ caller, params }) => {
      const file = await useCases.getFile(caller.principal, params.id);
      return toFileResponse(file, await textOf(useCases, caller.principal, file));
    },
  });
  router.route({
    ...shared,
    method: 'DELETE',
    url: '/api/v1/files/:id',
    summary: 'Delete a file, its text and its vectors',
    response: z.object({ message: z.string() }),
    handler: async ({ caller, params }) => {
      await useCases.deleteFile(caller.principal, params.id);
      return { message: 'File deleted successfully' };
    },
  });
  router.route({
    ...shared,
    method: 'POST',
    url: '/api/v1/files/:id/rename',
    summary: 'Give a file another name',
    body: z.object({ filename: z.string() }),
    response: fileResponse,
    handler: async ({ caller, params, body }) => {
      const file = await useCases.renameFile(caller.principal, params.id, body.filename);
      return toFileResponse(file, await textOf(useCases, caller.principal, file));
    },
  });
  router.route({
    ...shared,
    method: 'GET',
    url: '/api/v1/files/:id/data/content',
    summary: 'The extracted text of a file',
    response: z.object({ content: z.string() }),
    handler: async ({ caller, params }) => ({ content: await useCases.getFileText(caller.principal, params.id) }),
  });
}
