import type { Registry } from 'prom-client';
import { z } from 'zod';
import type { ReadyReport, UseCases } from '../../usecases/use-cases.ts';
import { sendJson } from '../errors.ts';
import type { HttpOptions } from '../options.ts';
import { type Router, SENT } from '../router.ts';
import { statusTrue } from '../schemas/fields.ts';

const check = z.object({ name: z.string(), ok: z.boolean(), reason: z.string().nullable() });
const readyResponse = z.object({
  status: z.literal(true),
  ready: z.boolean(),
  checks: z.array(check),
  notes: z.array(check),
  models: z.array(z.object({ name: z.string(), url: z.string(), ok: z.boolean(), error: z.string().nullable() })),
});
const configResponse = z.object({
  onboarding: z.literal(true).optional(),
  status: z.literal(true),
  name: z.string(),
  version: z.string(),
  default_locale: z.string(),
  i18n: z.object({}),
  oauth: z.object({ providers: z.object({}), auto_redirect: z.boolean() }),
  features: z.record(z.string(), z.boolean()),
});

/** Routes that answer anybody: liveness, readiness, version, metrics (contract 8). */
export function registerHealth(router: Router, useCases: UseCases, options: HttpOptions, registry: Registry): void {
  const shared = { method: 'GET' as const, auth: 'public' as const, tags: ['operations'] };
  registerReadiness(router, useCases);
  router.route({
    ...shared,
    url: '/api/version',
    summary: 'The Open WebUI version whose API this is',
    response: z.object({ version: z.string(), deployment_id: z.string() }),
    handler: async () => ({ version: options.version, deployment_id: '' }),
  });
  router.route({
    ...shared,
    url: '/api/config',
    summary: 'What a client may know before it signs in',
    response: configResponse,
    handler: async () => toConfig(options, await useCases.hasUsers()),
  });
  router.route({
    ...shared,
    url: '/metrics',
    summary: 'Metrics for Prometheus',
    response: z.string(),
    produces: ['text/plain'],
    handler: async ({ reply }) => {
      void reply.header('content-type', registry.contentType).send(await registry.metrics());
      return SENT;
    },
  });
}

function registerReadiness(router: Router, useCases: UseCases): void {
  const shared = { method: 'GET' as const, auth: 'public' as const, tags: ['operations'] };
  router.route({
    ...shared,
    url: '/health',
    summary: 'Whether the process is alive',
    response: statusTrue,
    handler: async () => ({ status: true as const }),
  });
  router.route({
    ...shared,
    url: '/health/db',
    summary: 'Whether the database works',
    response: statusTrue,
    handler: async ({ reply }) => {
      const broken = firstFailure(await useCases.ready(), 'store');
      if (broken === null) return { status: true as const };
      sendJson(reply.code(500), { detail: broken });
      return SENT;
    },
  });
  router.route({
    ...shared,
    url: '/ready',
    summary: 'Whether requests can be served, and the state of what they need',
    response: readyResponse,
    handler: async ({ reply }) => {
      const report = await useCases.ready();
      if (report.ready) return { status: true as const, ...report };
      sendJson(reply.code(503).header('retry-after', '1'), { detail: firstFailure(report) ?? 'Startup not complete', ...report });
      return SENT;
    },
  });
}

function firstFailure(report: ReadyReport, name?: string): string | null {
  const failed = report.checks.find((entry) => !entry.ok && (name === undefined || entry.name === name));
  if (failed === undefined) return null;
  return failed.reason === null ? `${failed.name} is not ready` : `${failed.name} is not ready: ${failed.reason}`;
}

function toConfig(options: HttpOptions, hasUsers: boolean): z.input<typeof configResponse> {
  return {
    ...(hasUsers ? {} : { onboarding: true as const }),
    status: true,
    name: 'Open WebUI',
    version: options.version,
    default_locale: '',
    i18n: {},
    oauth: { providers: {}, auto_redirect: false },
    features: {
      slim: false,
      auth: true,
      auth_trusted_header: false,
      enable_signup_password_confirmation: false,
      enable_ldap: false,
      enable_signup: options.isSignupEnabled || !hasUsers,
      enable_login_form: true,
      enable_websocket: false,
    },
  };
}
