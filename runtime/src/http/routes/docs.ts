import { dirname } from 'node:path';
import { createRequire } from 'node:module';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { buildOpenApi } from '../openapi.ts';
import { type Router, SENT } from '../router.ts';
import { anyObject } from '../schemas/fields.ts';

/** Of Swagger UI's folder only what the page needs. */
const ASSETS = new Set(['/swagger-ui.css', '/swagger-ui-bundle.js', '/favicon-32x32.png']);

const PAGE = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>API</title>
<link rel="stylesheet" href="/docs/assets/swagger-ui.css">
<link rel="icon" href="/docs/assets/favicon-32x32.png">
</head>
<body>
<div id="api"></div>
<script src="/docs/assets/swagger-ui-bundle.js"></script>
<script src="/docs/initializer.js"></script>
</body>
</html>
`;
const INITIALIZER = "SwaggerUIBundle({ url: '/openapi.json', dom_id: '#api', deepLinking: true });\n";
const CONTENT_SECURITY_POLICY = "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; frame-ancestors 'none'";

/** The API's document and a page to try it, all from this machine's disk. Only registered in development. */
export function registerDocs(app: FastifyInstance, router: Router, version: string): void {
  const root = dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'));
  app.register(async (scope) => {
    const { default: fastifyStatic } = await import('@fastify/static');
    await scope.register(fastifyStatic, {
      root,
      prefix: '/docs/assets/',
      index: false,
      decorateReply: false,
      allowedPath: (path) => ASSETS.has(path),
    });
  });
  const shared = { method: 'GET' as const, auth: 'public' as const, tags: ['operations'], response: z.string() };
  router.route({
    ...shared,
    url: '/docs',
    summary: 'A page to try the API',
    produces: ['text/html'],
    handler: async ({ reply }) => {
      void reply.header('content-security-policy', CONTENT_SECURITY_POLICY).type('text/html; charset=utf-8').send(PAGE);
      return SENT;
    },
  });
  router.route({
    ...shared,
    url: '/docs/initializer.js',
    summary: 'Starts the page',
    produces: ['text/javascript'],
    handler: async ({ reply }) => {
      void reply.type('text/javascript; charset=utf-8').send(INITIALIZER);
      return SENT;
    },
  });
  router.route({
    ...shared,
    url: '/openapi.json',
    summary: 'The OpenAPI 3.1 document',
    response: anyObject,
    handler: async () => buildOpenApi(router.routes, version),
  });
}
