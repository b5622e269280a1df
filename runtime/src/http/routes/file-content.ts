import { Readable } from 'node:stream';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { FileRecord } from '../../domain/file.ts';
import type { Principal } from '../../domain/user.ts';
import type { UseCases } from '../../usecases/use-cases.ts';
import { parseRange } from '../byte-range.ts';
import { contentHeaders } from '../content-headers.ts';
import { sendJson } from '../errors.ts';
import { type Router, SENT } from '../router.ts';
import { idParams, queryBoolean } from '../schemas/fields.ts';

/** The stored bytes, whole or in ranges (contract 5.4). */
export function registerFileContent(router: Router, useCases: UseCases): void {
  const shared = { method: 'GET', auth: 'user', tags: ['files'], produces: ['application/octet-stream'] } as const;
  const response = z.string().meta({ format: 'binary' });
  router.route({
    ...shared,
    tags: ['files'],
    url: '/api/v1/files/:id/content',
    summary: 'The bytes of a file',
    params: idParams,
    query: z.object({ attachment: queryBoolean(false) }),
    response,
    handler: async ({ caller, params, query, request, reply }) => {
      await sendContent({ useCases, principal: caller.principal, request, reply }, params.id, query.attachment);
      return SENT;
    },
  });
  router.route({
    ...shared,
    tags: ['files'],
    url: '/api/v1/files/:id/content/:file_name',
    summary: 'The bytes of a file as a download',
    params: idParams.extend({ file_name: z.string() }),
    response,
    handler: async ({ caller, params, request, reply }) => {
      await sendContent({ useCases, principal: caller.principal, request, reply }, params.id, true);
      return SENT;
    },
  });
}

type Exchange = { useCases: UseCases; principal: Principal; request: FastifyRequest; reply: FastifyReply };

async function sendContent(exchange: Exchange, id: string, isAttachment: boolean): Promise<void> {
  const { useCases, principal, request, reply } = exchange;
  const file = await useCases.getFile(principal, id);
  const headers = contentHeaders(file, isAttachment);
  if (request.headers['if-none-match'] === headers['etag']) {
    void reply.code(304).headers({ etag: headers['etag'] }).send();
    return;
  }
  const range = parseRange(rangeHeader(request, headers), file.sizeBytes);
  if (range === 'unsatisfiable') {
    sendJson(reply.code(416).header('content-range', `bytes */${file.sizeBytes}`), { detail: 'Range Not Satisfiable' });
    return;
  }
  const lengthBytes = range === 'all' ? file.sizeBytes : range.end - range.start + 1;
  reply.headers({ ...headers, 'content-length': String(lengthBytes) });
  if (range !== 'all') reply.code(206).header('content-range', `bytes ${range.start}-${range.end}/${file.sizeBytes}`);
  await sendBytes(exchange, file, range === 'all' ? null : range);
}

async function sendBytes(exchange: Exchange, file: FileRecord, range: { start: number; end: number } | null): Promise<void> {
  const { useCases, principal, request, reply } = exchange;
  if (request.method === 'HEAD') {
    // an empty stream: without a payload Fastify would say that the length is 0
    void reply.send(Readable.from([]));
    return;
  }
  const { stream } = await useCases.openFile(principal, file.id, range);
  void reply.send(stream);
}

/** A range of other bytes than the client has the beginning of would make a broken file. */
function rangeHeader(request: FastifyRequest, headers: Record<string, string>): string | undefined {
  const condition = request.headers['if-range'];
  const isSame = condition === undefined || condition === headers['etag'] || condition === headers['last-modified'];
  return isSame ? request.headers.range : undefined;
}
