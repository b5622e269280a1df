import type { FastifyInstance, FastifyReply, FastifyRequest, HTTPMethods } from 'fastify';
import { z } from 'zod';
import type { UseCases } from '../usecases/use-cases.ts';
import { sendError, sendJson, type StatusOverrides } from './errors.ts';
import { type Access, authorize, type Caller, PUBLIC_ROUTES } from './guard.ts';
import { parseJsonBody } from './json-body.ts';
import type { HttpOptions } from './options.ts';
import { type Location, translateIssues, ValidationError, type ValidationIssue } from './validation.ts';

/** What a handler returns when it has sent (or begun to send) the answer itself. */
export const SENT: unique symbol = Symbol('sent');

export type RouteContext<A extends Access, P extends z.ZodType, Q extends z.ZodType, B extends z.ZodType> = {
  caller: A extends 'public' ? null : Caller;
  params: z.output<P>;
  query: z.output<Q>;
  body: z.output<B>;
  /** Aborted when the client goes away or the server ends a stop. */
  signal: AbortSignal;
  request: FastifyRequest;
  reply: FastifyReply;
};

/** One operation: what the document says, what is checked and what is done come from the same object. */
export type RouteSpec<A extends Access, P extends z.ZodType, Q extends z.ZodType, B extends z.ZodType, R extends z.ZodType> = {
  method: 'GET' | 'POST' | 'DELETE';
  /** Canonical path, parameters as `:name`; both slash forms are served. */
  url: string;
  summary: string;
  tags: string[];
  auth: A;
  params?: P;
  query?: Q;
  /** Schema of the JSON body. With `isMultipart` it only documents the form, which the handler reads. */
  body?: B;
  isMultipart?: boolean;
  /** JSON is read whatever the Content-Type says. */
  isTypeIgnored?: boolean;
  bodyLimitBytes?: number;
  response: R;
  /** Media types of the answer; JSON by default. */
  produces?: readonly string[];
  errorStatus?: StatusOverrides;
  /** Text of a 422 in place of the list of findings. */
  validationText?: string;
  isUncacheable?: boolean;
  handler(context: RouteContext<A, P, Q, B>): Promise<z.input<R> | typeof SENT>;
};

export type AnyRoute = RouteSpec<Access, z.ZodType, z.ZodType, z.ZodType, z.ZodType>;

type RequestState = { caller: Caller | null; controller: AbortController };

/** Registers routes and remembers them for the OpenAPI document and the 405 answers. */
export class Router {
  readonly routes: AnyRoute[] = [];
  readonly #app: FastifyInstance;
  readonly #useCases: UseCases;
  readonly #options: HttpOptions;
  readonly #states = new WeakMap<FastifyRequest, RequestState>();

  constructor(app: FastifyInstance, useCases: UseCases, options: HttpOptions) {
    this.#app = app;
    this.#useCases = useCases;
    this.#options = options;
  }

  /** Throws when a route claims to be public and PUBLIC_ROUTES does not say so, or the other way round. */
  route<
    A extends Access,
    R extends z.ZodType,
    P extends z.ZodType = z.ZodUndefined,
    Q extends z.ZodType = z.ZodUndefined,
    B extends z.ZodType = z.ZodUndefined,
  >(spec: RouteSpec<A, P, Q, B, R>): void {
    const route = spec as unknown as AnyRoute;
    const url = withoutSlash(route.url);
    if (PUBLIC_ROUTES.includes(`${route.method} ${url}`) !== (route.auth === 'public')) {
      throw new Error(`${route.method} ${url} must be in PUBLIC_ROUTES exactly if it is public`);
    }
    this.routes.push(route);
    this.#app.route({
      method: route.method,
      url,
      bodyLimit: route.bodyLimitBytes ?? this.#options.bodyLimitBytes.json,
      onRequest: (request, reply) => this.#admit(route, request, reply),
      handler: (request, reply) => this.#handle(route, request, reply),
      errorHandler: (error, _request, reply) => this.#fail(route, error, reply),
    });
  }

  /** To be called after the last route: every other method on a known path is told which ones there are. */
  refuseOtherMethods(): void {
    const methodsByUrl = new Map<string, Set<string>>();
    for (const { url, method } of this.routes) {
      const methods = methodsByUrl.get(withoutSlash(url)) ?? new Set<string>();
      methodsByUrl.set(withoutSlash(url), methods.add(method));
      if (method === 'GET') methods.add('HEAD');
    }
    for (const [url, methods] of methodsByUrl) this.#refuseOthers(url, methods);
  }

  #refuseOthers(url: string, allowed: ReadonlySet<string>): void {
    const all: HTTPMethods[] = ['DELETE', 'GET', 'HEAD', 'OPTIONS', 'PATCH', 'POST', 'PUT'];
    const others = all.filter((method) => !allowed.has(method));
    const allow = [...allowed].toSorted().join(', ');
    this.#app.route({
      method: others,
      url,
      // before the body is read
      onRequest: (_request, reply) => {
        sendJson(reply.code(405).header('allow', allow), { detail: 'Method Not Allowed' });
      },
      handler: (_request, reply) => reply.callNotFound(),
    });
  }

  async #admit(route: AnyRoute, request: FastifyRequest, reply: FastifyReply): Promise<void> {
    if (route.isUncacheable === true) reply.header('cache-control', 'no-store');
    const controller = new AbortController();
    reply.raw.once('close', () => {
      if (!reply.raw.writableFinished) controller.abort();
    });
    try {
      const caller = route.auth === 'public' ? null : await authorize(this.#useCases, request.raw, route.auth);
      this.#states.set(request, { caller, controller });
    } catch (error) {
      // who may call does not depend on the route: its status overrides are for what it does
      sendError(reply, error, this.#options.logger);
    }
  }

  async #handle(route: AnyRoute, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    const state = this.#states.get(request);
    if (state === undefined) throw new Error('A request reached its handler without having been admitted.');
    const shutdownSignal = this.#options.shutdownSignal;
    const { signal } = state.controller;
    const result = await route.handler({
      ...readInput(route, request),
      caller: state.caller,
      signal: shutdownSignal === undefined ? signal : AbortSignal.any([signal, shutdownSignal]),
      request,
      reply,
    });
    if (result !== SENT) sendJson(reply, result);
    return reply;
  }

  #fail(route: AnyRoute, error: unknown, reply: FastifyReply): void {
    const isHidden = error instanceof ValidationError && route.validationText !== undefined;
    const shown = isHidden ? new ValidationError(route.validationText ?? '') : error;
    sendError(reply, shown, this.#options.logger, route.errorStatus);
  }
}

export function withoutSlash(url: string): string {
  return url.length > 1 && url.endsWith('/') ? url.slice(0, -1) : url;
}

type RouteInput = { params: unknown; query: unknown; body: unknown };

/** Checks every part of a request and lists all findings at once, the body's last. */
function readInput(route: AnyRoute, request: FastifyRequest): RouteInput {
  const issues: ValidationIssue[] = [];
  const params = check(route.params, 'path', request.params, issues);
  const query = check(route.query, 'query', lastValues(request.query), issues);
  if (route.isMultipart === true || route.body === undefined) {
    if (issues.length > 0) throw new ValidationError(issues);
    return { params, query, body: undefined };
  }
  const rawBody = parseJsonBody(request.body, route.isTypeIgnored === true) ?? undefined;
  const body = check(route.body, 'body', rawBody, issues);
  if (issues.length > 0) throw new ValidationError(issues);
  return { params, query, body };
}

function check(schema: z.ZodType | undefined, location: Location, input: unknown, issues: ValidationIssue[]): unknown {
  if (schema === undefined) return undefined;
  const result = z.safeParse(schema, input);
  if (result.success) return result.data;
  issues.push(...translateIssues(result.error.issues, location, input));
  return undefined;
}

/** Of a query name that is given twice, the last value counts. */
function lastValues(query: unknown): Record<string, unknown> {
  const entries = Object.entries((query ?? {}) as Record<string, unknown>);
  return Object.fromEntries(entries.map(([name, value]) => [name, Array.isArray(value) ? value.at(-1) : value]));
}
