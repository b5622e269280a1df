import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { HttpOptions } from '../options.ts';

/** Route templates and statuses are labels; ids, names and models from callers never are. */
export type RequestObserver = { registry: Registry };

/** Measures every request, writes one log line for it, and collects what /metrics shows. */
export function addObservation(app: FastifyInstance, options: HttpOptions): RequestObserver {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const duration = new Histogram({
    name: 'http_request_duration_seconds',
    help: 'Time from the request to the last byte of its answer',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60],
    registers: [registry],
  });
  const inFlight = new Gauge({ name: 'http_requests_in_flight', help: 'Requests being answered', registers: [registry] });
  addGauges(registry, options);
  app.addHook('onRequest', (request, reply, done) => {
    inFlight.inc();
    onceClosed(reply, () => {
      inFlight.dec();
      const status = String(reply.raw.statusCode);
      duration.observe({ method: request.method, route: routeOf(request), status }, reply.elapsedTime / 1000);
      logRequest(request, reply, options);
    });
    done();
  });
  return { registry };
}

function addGauges(registry: Registry, options: HttpOptions): void {
  for (const source of options.gauges ?? []) {
    const gauge: Gauge = new Gauge({
      name: source.name,
      help: source.help,
      registers: [registry],
      collect: async () => gauge.set(await source.read()),
    });
  }
}

/** A client that goes away fires `close` alone, an answered request both. */
function onceClosed(reply: FastifyReply, listener: () => void): void {
  let isClosed = false;
  const close = (): void => {
    if (!isClosed) listener();
    isClosed = true;
  };
  reply.raw.once('finish', close).once('close', close);
}

function routeOf(request: FastifyRequest): string {
  return request.routeOptions.url ?? 'unmatched';
}

function logRequest(request: FastifyRequest, reply: FastifyReply, options: HttpOptions): void {
  const wasCut = !reply.raw.writableFinished;
  const fields = {
    requestId: request.id,
    method: request.method,
    route: routeOf(request),
    status: reply.raw.statusCode,
    durationMs: Math.round(reply.elapsedTime * 10) / 10,
    ...(wasCut ? { wasCut } : {}),
  };
  options.logger.info(fields, 'request');
}
