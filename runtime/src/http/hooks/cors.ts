import type { FastifyInstance, FastifyReply } from 'fastify';

const METHODS = 'DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT';
const MAX_AGE_SECONDS = 600;

/**
 * Lets the named origins call from a browser, with credentials. `*` in the list opens the API to every origin, but without
 * credentials: a page anywhere must not act with somebody's cookie. An empty list adds nothing at all.
 */
export function addCors(app: FastifyInstance, allowOrigins: readonly string[]): void {
  if (allowOrigins.length === 0) return;
  app.addHook('onRequest', (request, reply, done) => {
    reply.header('vary', 'Origin');
    const { origin } = request.headers;
    const isAllowed = typeof origin === 'string' && allowOrigin(reply, origin, allowOrigins);
    const isPreflight = request.method === 'OPTIONS' && request.headers['access-control-request-method'] !== undefined;
    if (!isPreflight) return done();
    if (isAllowed) allowPreflight(reply, request.headers['access-control-request-headers']);
    void reply.code(isAllowed ? 200 : 400).type('text/plain').send(isAllowed ? 'OK' : 'Disallowed CORS origin');
  });
}

function allowOrigin(reply: FastifyReply, origin: string, allowOrigins: readonly string[]): boolean {
  if (allowOrigins.includes(origin) && origin !== 'null') {
    reply.header('access-control-allow-origin', origin).header('access-control-allow-credentials', 'true');
    return true;
  }
  if (!allowOrigins.includes('*')) return false;
  reply.header('access-control-allow-origin', '*');
  return true;
}

function allowPreflight(reply: FastifyReply, requestedHeaders: string | undefined): void {
  reply.header('access-control-allow-methods', METHODS).header('access-control-max-age', String(MAX_AGE_SECONDS));
  if (requestedHeaders !== undefined) reply.header('access-control-allow-headers', requestedHeaders);
}
