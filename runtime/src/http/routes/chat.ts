import { z } from 'zod';
import type { JsonObject } from '../../domain/json.ts';
import type { UseCases } from '../../usecases/use-cases.ts';
import type { HttpOptions } from '../options.ts';
import { type Router, SENT } from '../router.ts';
import { anyObject, queryBoolean } from '../schemas/fields.ts';
import { CHAT_EVENTS, sendStream } from '../stream.ts';

const chatBody = anyObject.meta({
  description: 'OpenAI chat request; `files` names what to retrieve from: `{"type":"file"|"collection","id":"…"}`',
});

/** Chat and embeddings in OpenAI's shape, with retrieval (contract 3). */
export function registerChat(router: Router, useCases: UseCases, options: HttpOptions): void {
  for (const prefix of ['/api', '/api/v1']) {
    router.route({
      method: 'POST',
      url: `${prefix}/chat/completions`,
      auth: 'user',
      tags: ['chat'],
      summary: 'Chat, optionally with files and knowledge bases as sources',
      bodyLimitBytes: options.bodyLimitBytes.chat,
      query: z.object({
        sources: queryBoolean(true).meta({ description: 'false leaves `sources` out, for strict OpenAI clients' }),
      }),
      body: chatBody,
      response: anyObject,
      produces: ['application/json', 'text/event-stream'],
      handler: async ({ caller, body, query, signal, reply }) => {
        const request = body as JsonObject;
        if (isTruthy(request['stream'])) {
          const streamOptions = { includeSources: query.sources && options.includeSourcesInStream };
          const events = await useCases.chatStream(caller.principal, request, streamOptions, signal);
          sendStream(reply, events, { format: CHAT_EVENTS, signal, logger: options.logger });
          return SENT;
        }
        const { sources, ...completion } = await useCases.chat(caller.principal, request, signal);
        return query.sources && sources !== undefined ? { sources, ...completion } : completion;
      },
    });
    router.route({
      method: 'POST',
      url: `${prefix}/embeddings`,
      auth: 'user',
      tags: ['chat'],
      summary: 'Embed one or more texts',
      bodyLimitBytes: options.bodyLimitBytes.chat,
      body: anyObject,
      response: anyObject,
      handler: async ({ caller, body, signal }) => useCases.embeddings(caller.principal, body as JsonObject, signal),
    });
  }
}

/** Clients send `1` and `"true"` too; an empty list or object does not ask for a stream. */
export function isTruthy(value: unknown): boolean {
  if (typeof value === 'object' && value !== null) return Object.keys(value).length > 0;
  return Boolean(value);
}
