import { z } from 'zod';
import type { JsonObject } from '../../domain/json.ts';
import type { UseCases } from '../../usecases/use-cases.ts';
import type { HttpOptions } from '../options.ts';
import { type Router, SENT } from '../router.ts';
import { anyObject, pathInteger, toSeconds } from '../schemas/fields.ts';
import { CHAT_EVENTS, sendStream } from '../stream.ts';
import { isTruthy } from './chat.ts';
import { modelIdOf } from './ollama.ts';

const modelList = z.object({
  data: z.array(z.object({ id: z.string(), object: z.literal('model'), created: z.int(), owned_by: z.literal('openai') })),
  object: z.literal('list'),
});
const shared = {
  tags: ['ollama'],
  isTypeIgnored: true,
  params: z.object({ url_idx: pathInteger().optional() }),
};

/** Ollama's OpenAI-shaped routes, without retrieval (contract 4). */
export function registerOllamaV1(router: Router, useCases: UseCases, options: HttpOptions): void {
  for (const suffix of ['', '/:url_idx']) {
    router.route({
      ...shared,
      method: 'GET',
      url: `/ollama/v1/models${suffix}`,
      auth: suffix === '' ? 'user' : 'admin',
      summary: 'Models of the Ollama servers in the shape of OpenAI',
      response: modelList,
      handler: async ({ caller, signal }) => {
        const created = toSeconds(Date.now());
        const models = caller === null ? [] : await useCases.ollamaTags(caller.principal, signal);
        const data = models.map((entry) => ({ id: modelIdOf(entry), object: 'model' as const, created, owned_by: 'openai' as const }));
        return { data, object: 'list' as const };
      },
    });
    registerChat(router, useCases, options, suffix);
    router.route({
      ...shared,
      method: 'POST',
      url: `/ollama/v1/embeddings${suffix}`,
      auth: 'user',
      summary: 'Embed one or more texts',
      bodyLimitBytes: options.bodyLimitBytes.chat,
      body: anyObject,
      response: anyObject,
      handler: async ({ caller, body, signal }) => useCases.embeddings(caller.principal, body as JsonObject, signal),
    });
  }
}

function registerChat(router: Router, useCases: UseCases, options: HttpOptions, suffix: string): void {
  router.route({
    ...shared,
    method: 'POST',
    url: `/ollama/v1/chat/completions${suffix}`,
    auth: 'user',
    summary: 'Chat without retrieval',
    bodyLimitBytes: options.bodyLimitBytes.chat,
    body: anyObject,
    response: anyObject,
    produces: ['application/json', 'text/event-stream'],
    handler: async ({ caller, body, signal, reply }) => {
      const request = withoutFiles(body as JsonObject);
      if (!isTruthy(request['stream'])) return useCases.chat(caller.principal, request, signal);
      const events = await useCases.chatStream(caller.principal, request, { includeSources: false }, signal);
      sendStream(reply, events, { format: CHAT_EVENTS, signal, logger: options.logger });
      return SENT;
    },
  });
}

/** These routes know no sources. */
function withoutFiles(body: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(body).filter(([key]) => key !== 'files'));
}
