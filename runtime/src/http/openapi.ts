import { z } from 'zod';
import type { AnyRoute } from './router.ts';

type Schema = Record<string, unknown>;
export type OpenApiDocument = { openapi: string; info: Schema; paths: Record<string, Record<string, Schema>> } & Schema;

const ERROR_CONTENT = { content: { 'application/json': { schema: { $ref: '#/components/schemas/Error' } } } };

/** The OpenAPI 3.1 document of the registered routes, from the schemas that check them. */
export function buildOpenApi(routes: readonly AnyRoute[], version: string): OpenApiDocument {
  const paths: OpenApiDocument['paths'] = {};
  for (const route of routes) {
    const path = route.url.replace(/:(\w+)/g, '{$1}');
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: operation(route) };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Open WebUI RAG runtime',
      version,
      description: 'The Open WebUI HTTP API for models, chat with sources, files, knowledge bases and search.',
    },
    paths,
    components: {
      securitySchemes: {
        bearer: { type: 'http', scheme: 'bearer', description: 'An API key (`sk-…`) or a token from signing in' },
        apiKey: { type: 'apiKey', in: 'header', name: 'x-api-key' },
      },
      schemas: { Error: errorSchema() },
    },
  };
}

function errorSchema(): Schema {
  return {
    type: 'object',
    description: '`detail` is a sentence, or a list of findings for status 422; errors of an OpenAI-type model server are relayed as `error`.',
    properties: { detail: { anyOf: [{ type: 'string' }, { type: 'array', items: { type: 'object' } }] }, error: {} },
  };
}

function operation(route: AnyRoute): Schema {
  const parameters = [...parametersOf(route.params, 'path', route.url), ...parametersOf(route.query, 'query', route.url)];
  return {
    operationId: operationId(route),
    summary: route.summary,
    tags: route.tags,
    ...(route.auth === 'public' ? { security: [] } : { security: [{ bearer: [] }, { apiKey: [] }] }),
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(route.body === undefined ? {} : { requestBody: requestBody(route, route.body) }),
    responses: {
      '200': { description: 'OK', content: responseContent(route) },
      ...(route.auth === 'public' ? {} : { '401': { description: 'No valid credential, or not enough rights', ...ERROR_CONTENT } }),
      '422': { description: 'The request does not fit its schema', ...ERROR_CONTENT },
      default: { description: 'Error', ...ERROR_CONTENT },
    },
  };
}

function operationId(route: AnyRoute): string {
  const words = route.url.split(/[^A-Za-z0-9]+/).filter((word) => word !== '');
  return [route.method.toLowerCase(), ...words].join('_');
}

function parametersOf(schema: z.ZodType | undefined, location: 'path' | 'query', url: string): Schema[] {
  if (!(schema instanceof z.ZodObject)) return [];
  const shape: Record<string, z.ZodType> = schema.shape;
  return Object.entries(shape)
    .filter(([name]) => location === 'query' || url.includes(`:${name}`))
    .map(([name, field]) => ({
      name,
      in: location,
      required: location === 'path' || !z.safeParse(field, undefined).success,
      schema: toSchema(field, 'output'),
    }));
}

function requestBody(route: AnyRoute, schema: z.ZodType): Schema {
  const mediaType = route.isMultipart === true ? 'multipart/form-data' : 'application/json';
  return { required: true, content: { [mediaType]: { schema: toSchema(schema, 'input') } } };
}

function responseContent(route: AnyRoute): Schema {
  const mediaTypes = route.produces ?? ['application/json'];
  const schema = toSchema(route.response, 'output');
  return Object.fromEntries(
    mediaTypes.map((mediaType, index) => [mediaType, { schema: index === 0 ? schema : { type: 'string' } }]),
  );
}

function toSchema(schema: z.ZodType, io: 'input' | 'output'): Schema {
  const { $schema: _dialect, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: 'any', target: 'draft-2020-12' });
  return rest;
}
