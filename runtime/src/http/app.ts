import type { Socket } from 'node:net';
import multipart from '@fastify/multipart';
import fastify, { type FastifyError, type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import type { UseCases } from '../usecases/use-cases.ts';
import { sendError, sendJson } from './errors.ts';
import { addBodyTimeout } from './hooks/body-timeout.ts';
import { addCors } from './hooks/cors.ts';
import { addObservation } from './hooks/metrics.ts';
import { RawBody } from './json-body.ts';
import type { HttpOptions } from './options.ts';
import { Router } from './router.ts';
import { registerAuths } from './routes/auths.ts';
import { registerChat } from './routes/chat.ts';
import { registerDocs } from './routes/docs.ts';
import { registerFiles } from './routes/files.ts';
import { registerHealth } from './routes/health.ts';
import { registerKnowledge } from './routes/knowledge.ts';
import { registerModels } from './routes/models.ts';
import { registerOllamaV1 } from './routes/ollama-v1.ts';
import { registerOllama } from './routes/ollama.ts';
import { registerRetrieval } from './routes/retrieval.ts';

const HEADERS_TIMEOUT_MS = 15_000;
const KEEP_ALIVE_TIMEOUT_MS = 10_000;

/** The whole API over the use cases; the caller listens and closes. Nothing is started here. */
export function buildApp(useCases: UseCases, options: HttpOptions): FastifyInstance {
  const app = createServer(options);
  const { registry } = addObservation(app, options);
  addCommonHeaders(app);
  addCors(app, options.corsAllowOrigins);
  addBodyTimeout(app, options.requestTimeoutMs);
  refuseEncodedBodies(app);
  readBodiesRaw(app);
  app.setErrorHandler((error: FastifyError, _request, reply) => sendError(reply, error, options.logger));
  app.setNotFoundHandler((_request, reply) => sendJson(reply.code(404), { detail: 'Not Found' }));

  const router = new Router(app, useCases, options);
  registerHealth(router, useCases, options, registry);
  registerAuths(router, useCases);
  registerModels(router, useCases);
  registerChat(router, useCases, options);
  registerOllama(router, useCases, options);
  registerOllamaV1(router, useCases, options);
  registerFiles(router, useCases, options);
  registerKnowledge(router, useCases);
  registerRetrieval(router, useCases);
  if (options.isDev) registerDocs(app, router, options.version);
  router.refuseOtherMethods();
  return app;
}

function createServer(options: HttpOptions): FastifyInstance {
  return fastify({
    logger: false,
    bodyLimit: options.bodyLimitBytes.json,
    keepAliveTimeout: KEEP_ALIVE_TIMEOUT_MS,
    http: { headersTimeout: HEADERS_TIMEOUT_MS },
    // bodies are timed by body-timeout.ts
    requestTimeout: 0,
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: 300 },
    frameworkErrors: (error, _request, reply) => sendError(reply as unknown as FastifyReply, error, options.logger),
    clientErrorHandler: answerClientError,
  });
}

/** What Node refuses to parse at all still gets JSON. */
function answerClientError(error: Error & { code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || socket.destroyed || !socket.writable) {
    socket.destroy();
    return;
  }
  const [status, detail] =
    error.code === 'HPE_HEADER_OVERFLOW'
      ? ['431 Request Header Fields Too Large', 'The request header is too large.']
      : error.code === 'ERR_HTTP_REQUEST_TIMEOUT'
        ? ['408 Request Timeout', 'The request did not arrive in time.']
        : ['400 Bad Request', 'The request is not valid HTTP.'];
  const body = JSON.stringify({ detail });
  socket.end(`HTTP/1.1 ${status}\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`);
}

function addCommonHeaders(app: FastifyInstance): void {
  app.addHook('onSend', (_request, reply, payload, done) => {
    reply.header('x-process-time', (reply.elapsedTime / 1000).toFixed(6)).header('x-content-type-options', 'nosniff');
    done(null, payload);
  });
}

function refuseEncodedBodies(app: FastifyInstance): void {
  app.addHook('onRequest', (request: FastifyRequest, reply, done) => {
    const encoding = request.headers['content-encoding'];
    if (encoding === undefined || encoding === 'identity') return done();
    sendJson(reply.code(415), { detail: 'Compressed request bodies are not accepted.' });
  });
}

/** Bodies are kept as bytes until a route has said what it takes; forms with files are read by their route as they arrive. */
function readBodiesRaw(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.register(multipart);
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (request, body, done) => {
    done(null, new RawBody(body as Buffer, request.headers['content-type']));
  });
}
