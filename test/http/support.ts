import type { FastifyInstance } from 'fastify';
import { buildApp } from '../../runtime/src/http/app.ts';
import type { HttpOptions } from '../../runtime/src/http/options.ts';
import { AppError } from '../../runtime/src/domain/errors.ts';
import type { Principal } from '../../runtime/src/domain/user.ts';
import type { UseCases } from '../../runtime/src/usecases/use-cases.ts';

export const GOOD_KEY = `sk-${'a'.repeat(32)}`;

/** Everything that was logged, for tests that look at it. */
export type LogLine = { level: string; fields: Record<string, unknown>; message: string };

export const ADMIN: Principal = {
  via: 'api-key',
  user: {
    id: 'u1',
    email: 'ann@example.com',
    name: 'Ann',
    role: 'admin',
    passwordHash: '',
    sessionStamp: '',
    createdAtMs: 1_787_000_000_500,
  },
};

/**
 * The layer alone: use cases that know one key and fail with INTERNAL unless the test says what they do. Nothing of the
 * service behind them is imitated; test/http/contract runs the same routes against the real one.
 */
export function useCasesWith(overrides: Partial<UseCases>): UseCases {
  const base: Partial<UseCases> = {
    authenticate: async (credential) => {
      if (credential === null || credential.trim() === '') throw new AppError('NOT_AUTHENTICATED', 'none');
      if (credential === GOOD_KEY) return ADMIN;
      throw new AppError(credential.startsWith('sk-') ? 'INVALID_API_KEY' : 'INVALID_TOKEN', 'unknown');
    },
    requireVerified: () => undefined,
    requireAdmin: () => undefined,
    hasUsers: async () => true,
    ...overrides,
  };
  return new Proxy(base as UseCases, {
    get: (target, name) => {
      const known: unknown = Reflect.get(target, name);
      if (known !== undefined) return known;
      return async () => {
        throw new AppError('INTERNAL', `The test does not define ${String(name)}.`);
      };
    },
  });
}

export function buildTestApp(
  overrides: Partial<UseCases> = {},
  options: Partial<HttpOptions> = {},
  lines: LogLine[] = [],
): FastifyInstance {
  const log = (level: string) => (fields: Record<string, unknown>, message: string) => {
    lines.push({ level, fields, message });
  };
  return buildApp(useCasesWith(overrides), {
    version: '0.12.4',
    isDev: false,
    corsAllowOrigins: [],
    bodyLimitBytes: { json: 1024 * 1024, chat: 20 * 1024 * 1024 },
    maxUploadBytes: 5 * 1024 * 1024,
    requestTimeoutMs: 5000,
    includeSourcesInStream: true,
    isSignupEnabled: false,
    logger: { debug: log('debug'), info: log('info'), warn: log('warn'), error: log('error') },
    ...options,
  });
}

export const AUTH = { authorization: `Bearer ${GOOD_KEY}` };
