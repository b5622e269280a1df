import { describe, expect, it } from '@jest/globals';
import { PUBLIC_ROUTES } from '../../runtime/src/http/guard.ts';
import { buildTestApp } from './support.ts';

type Operation = { operationId: string; summary: string; security: unknown[]; parameters?: Array<{ name: string; in: string; schema: object }>; responses: object };
type Document = { openapi: string; paths: Record<string, Record<string, Operation>>; components: { schemas: object; securitySchemes: object } };

async function readDocument(): Promise<Document> {
  return (await buildTestApp({}, { isDev: true }).inject({ url: '/openapi.json' })).json();
}

function operations(document: Document) {
  return Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
  );
}

function collectReferences(value: unknown, into: string[]): string[] {
  if (typeof value !== 'object' || value === null) return into;
  for (const [key, child] of Object.entries(value)) {
    if (key === '$ref' && typeof child === 'string') into.push(child);
    else collectReferences(child, into);
  }
  return into;
}

function resolve(document: unknown, reference: string): unknown {
  const keys = reference.replace(/^#\//, '').split('/');
  return keys.reduce<unknown>((value, key) => (value as Record<string, unknown> | undefined)?.[key], document);
}

describe('the OpenAPI document', () => {
  it('names every route of the API', async () => {
    const paths = Object.keys((await readDocument()).paths);
    expect(paths).toEqual(
      expect.arrayContaining([
        '/api/models',
        '/api/v1/models',
        '/api/chat/completions',
        '/api/v1/chat/completions',
        '/api/embeddings',
        '/ollama/api/tags',
        '/ollama/api/embed/{url_idx}',
        '/ollama/v1/chat/completions',
        '/api/v1/files/',
        '/api/v1/files/{id}/process/status',
        '/api/v1/files/{id}/content',
        '/api/v1/knowledge/',
        '/api/v1/knowledge/{id}/file/add',
        '/api/v1/retrieval/query/collection',
        '/ready',
        '/metrics',
      ]),
    );
  });

  it('describes only routes that answer, and names each once', async () => {
    const app = buildTestApp({}, { isDev: true });
    const all = operations(await readDocument());
    for (const { path, method, operation } of all) {
      const url = path.replace(/\{\w+\}/g, '1');
      const answer = await app.inject({ method: method.toUpperCase() as 'GET', url });
      const isPublic = operation.security.length === 0;
      expect([path, answer.statusCode === 404, answer.statusCode === 401]).toEqual([path, false, !isPublic]);
    }
    expect(new Set(all.map(({ operation }) => operation.operationId)).size).toBe(all.length);
  });

  it('says of exactly the public routes that they need no credential', async () => {
    const open = operations(await readDocument())
      .filter(({ operation }) => operation.security.length === 0)
      .map(({ path, method }) => `${method.toUpperCase()} ${path.replace(/(.)\/$/, '$1')}`);
    expect(open.toSorted()).toEqual(PUBLIC_ROUTES.toSorted());
  });

  it('declares each parameter of a path and no other one', async () => {
    for (const { path, operation } of operations(await readDocument())) {
      const declared = (operation.parameters ?? []).filter((parameter) => parameter.in === 'path').map(({ name }) => name);
      const inPath = [...path.matchAll(/\{(\w+)\}/g)].map((match) => match[1]);
      expect([path, declared.toSorted()]).toEqual([path, inPath.toSorted()]);
    }
  });

  it('points only to schemas that are in it', async () => {
    const document = await readDocument();
    for (const reference of new Set(collectReferences(document, []))) {
      expect(reference).toMatch(/^#\//);
      expect(resolve(document, reference)).toBeDefined();
    }
  });

  it('tells the types and limits that are checked', async () => {
    const { paths } = await readDocument();
    const parameters = paths['/api/v1/files/search']?.['get']?.parameters;
    expect(parameters?.find(({ name }) => name === 'limit')).toMatchObject({ required: false, schema: { type: 'integer', minimum: 1, maximum: 1000 } });
    expect(parameters?.find(({ name }) => name === 'filename')).toMatchObject({ required: true, schema: { type: 'string' } });
  });
});
