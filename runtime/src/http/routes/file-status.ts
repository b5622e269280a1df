import { z } from 'zod';
import type { FileStatus } from '../../domain/file.ts';
import type { UseCases } from '../../usecases/use-cases.ts';
import type { HttpOptions } from '../options.ts';
import { type Router, SENT } from '../router.ts';
import { idParams, queryBoolean } from '../schemas/fields.ts';
import { fileStatusResponse, toFileStatus } from '../schemas/files.ts';
import { sendStream, STATUS_EVENTS } from '../stream.ts';

/** How far a file's processing is, once or as a stream until it has ended (contract 5.4). */
export function registerFileStatus(router: Router, useCases: UseCases, options: HttpOptions): void {
  router.route({
    method: 'GET',
    url: '/api/v1/files/:id/process/status',
    auth: 'user',
    tags: ['files'],
    summary: 'Processing status of a file',
    params: idParams,
    query: z.object({ stream: queryBoolean(false) }),
    response: fileStatusResponse,
    produces: ['application/json', 'text/event-stream'],
    handler: async ({ caller, params, query, signal, reply }) => {
      const file = await useCases.getFile(caller.principal, params.id);
      if (!query.stream) return toFileStatus(file);
      const states = useCases.watchFile(caller.principal, params.id, signal);
      sendStream(reply, statusEvents(states), { format: STATUS_EVENTS, signal, logger: options.logger });
      return SENT;
    },
  });
}

type FileState = { status: FileStatus | 'gone'; error: string | null };

async function* statusEvents(states: AsyncIterable<FileState>): AsyncGenerator<{ status: string; error?: string }> {
  for await (const { status, error } of states) {
    // nothing will ever happen to a file that was stored without processing
    if (status === 'unprocessed') return;
    if (status === 'gone') yield { status: 'not_found' };
    else yield status === 'failed' && error !== null ? { status, error } : { status };
    if (status === 'gone' || status === 'completed' || status === 'failed') return;
  }
}
