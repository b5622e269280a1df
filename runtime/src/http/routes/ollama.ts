import { z } from 'zod';
import { AppError } from '../../domain/errors.ts';
import type { JsonObject } from '../../domain/json.ts';
import type { OllamaOperation } from '../../ports/ollama-gateway.ts';
import type { UseCases } from '../../usecases/use-cases.ts';
import { TEXT } from '../error-texts.ts';
import { sendJson } from '../errors.ts';
import type { HttpOptions } from '../options.ts';
import { type Router, SENT } from '../router.ts';
import { anyObject, pathInteger, statusTrue } from '../schemas/fields.ts';
import { JSON_LINES, sendStream } from '../stream.ts';

const indexParams = z.object({ url_idx: pathInteger().optional() });
const modelList = z.object({ models: z.array(anyObject) });
const shared = { tags: ['ollama'], isTypeIgnored: true, params: indexParams };

/** Ollama's own API (contract 4). A JSON body is read whatever its Content-Type: curl's `-d` declares a form. */
export function registerOllama(router: Router, useCases: UseCases, options: HttpOptions): void {
  router.route({
    method: 'GET',
    url: '/ollama/',
    auth: 'public',
    tags: ['ollama'],
    summary: 'Whether the Ollama routes are there',
    response: statusTrue,
    handler: async () => ({ status: true as const }),
  });
  registerLists(router, useCases);
  const operations: OllamaOperation[] = ['generate', 'chat', 'embed', 'embeddings'];
  for (const operation of operations) {
    registerCall(router, useCases, options, operation, `/ollama/api/${operation}`);
    registerCall(router, useCases, options, operation, `/ollama/api/${operation}/:url_idx`);
  }
  registerCall(router, useCases, options, 'show', '/ollama/api/show');
}

function registerLists(router: Router, useCases: UseCases): void {
  router.route({
    ...shared,
    method: 'GET',
    url: '/ollama/api/tags',
    auth: 'user',
    summary: 'Models of all Ollama servers',
    response: modelList,
    handler: async ({ caller, signal }) => ({ models: await useCases.ollamaTags(caller.principal, signal) }),
  });
  router.route({
    ...shared,
    method: 'GET',
    url: '/ollama/api/tags/:url_idx',
    auth: 'admin',
    summary: 'Models of one Ollama server',
    response: modelList,
    handler: async ({ caller, params, signal }) => {
      const models = await useCases.ollamaTags(caller.principal, signal);
      return { models: models.filter((model) => isServedBy(model, params.url_idx)).map(withoutOrigin) };
    },
  });
  router.route({
    ...shared,
    method: 'GET',
    url: '/ollama/api/ps',
    auth: 'admin',
    summary: 'Models in memory',
    response: modelList,
    handler: async ({ caller, signal }) => ({ models: await useCases.ollamaPs(caller.principal, signal) }),
  });
  for (const url of ['/ollama/api/version', '/ollama/api/version/:url_idx']) {
    router.route({
      ...shared,
      method: 'GET',
      url,
      auth: 'user',
      summary: 'Lowest version of all Ollama servers',
      response: z.object({ version: z.string() }),
      handler: async ({ caller, signal }) => {
        const version = await useCases.ollamaVersion(caller.principal, signal);
        if (version === null) throw new AppError('UPSTREAM_UNREACHABLE', TEXT.ollamaNotFound, { details: { source: 'ollama-list' } });
        return { version };
      },
    });
  }
}

function isServedBy(model: JsonObject, urlIndex: number | undefined): boolean {
  const { urls } = model;
  return Array.isArray(urls) && urlIndex !== undefined && urls.includes(urlIndex);
}

function withoutOrigin(model: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(model).filter(([key]) => key !== 'urls' && key !== 'connection_type'));
}

function registerCall(
  router: Router,
  useCases: UseCases,
  options: HttpOptions,
  operation: OllamaOperation,
  url: string,
): void {
  router.route({
    ...shared,
    method: 'POST',
    url,
    auth: 'user',
    summary: `Ollama's ${operation}`,
    bodyLimitBytes: options.bodyLimitBytes.chat,
    body: anyObject,
    response: anyObject,
    produces: operation === 'generate' || operation === 'chat' ? ['application/json', 'application/x-ndjson'] : ['application/json'],
    handler: async ({ caller, params, body, signal, reply }) => {
      const urlIndex = params.url_idx;
      const callOptions = urlIndex === undefined ? {} : { urlIndex };
      const answer = await useCases.ollamaCall(caller.principal, operation, withModel(body as JsonObject), callOptions, signal);
      if (answer.kind === 'stream') sendStream(reply, answer.lines, { format: JSON_LINES, signal, logger: options.logger });
      else sendJson(reply.code(answer.status), answer.body);
      return SENT;
    },
  });
}

/** `name` is the older word for `model`, still sent by clients of `show`. */
function withModel(body: JsonObject): JsonObject {
  return body['model'] === undefined && typeof body['name'] === 'string' ? { ...body, model: body['name'] } : body;
}

/** The id of a listed model, in whichever field the server gives it. */
export function modelIdOf(entry: JsonObject): string {
  const id = entry['model'] ?? entry['name'];
  return typeof id === 'string' ? id : '';
}

