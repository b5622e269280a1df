import { describe, expect, it } from '@jest/globals';
import type { ReadyReport } from '../../runtime/src/usecases/use-cases.ts';
import { AUTH, buildTestApp, type LogLine } from './support.ts';

const REPORT: ReadyReport = { ready: true, checks: [{ name: 'store', ok: true, reason: null }], notes: [], models: [] };
const BROKEN: ReadyReport = { ...REPORT, ready: false, checks: [{ name: 'store', ok: false, reason: 'The disk is full.' }] };

describe('readiness', () => {
  it('is reported with what was checked', async () => {
    const answer = await buildTestApp({ ready: async () => REPORT }).inject({ url: '/ready' });
    expect([answer.statusCode, answer.json()]).toEqual([200, { status: true, ...REPORT }]);
  });

  it('is refused with a sentence and the same report', async () => {
    const app = buildTestApp({ ready: async () => BROKEN });
    const answer = await app.inject({ url: '/ready' });
    expect([answer.statusCode, answer.json()]).toEqual([503, { detail: 'store is not ready: The disk is full.', ...BROKEN }]);
    expect((await app.inject({ url: '/health/db' })).statusCode).toBe(500);
    expect((await app.inject({ url: '/health' })).statusCode).toBe(200);
  });
});

describe('CORS', () => {
  const preflight = { 'access-control-request-method': 'POST', 'access-control-request-headers': 'authorization' };

  it('is off unless origins are named', async () => {
    const { headers } = await buildTestApp().inject({ url: '/health', headers: { origin: 'https://a.example' } });
    expect([headers['access-control-allow-origin'], headers['vary']]).toEqual([undefined, undefined]);
  });

  it('lets a named origin call with credentials, and no other one', async () => {
    const app = buildTestApp({}, { corsAllowOrigins: ['https://a.example'] });
    const allowed = (await app.inject({ url: '/health', headers: { origin: 'https://a.example' } })).headers;
    expect([allowed['access-control-allow-origin'], allowed['access-control-allow-credentials'], allowed['vary']]).toEqual(['https://a.example', 'true', 'Origin']);
    for (const origin of ['https://b.example', 'null', 'https://a.example.evil']) {
      expect((await app.inject({ url: '/health', headers: { origin } })).headers['access-control-allow-origin']).toBeUndefined();
    }
  });

  it('never combines every origin with credentials', async () => {
    const app = buildTestApp({}, { corsAllowOrigins: ['*'] });
    for (const origin of ['https://a.example', 'null']) {
      const { headers } = await app.inject({ url: '/health', headers: { origin } });
      expect([headers['access-control-allow-origin'], headers['access-control-allow-credentials']]).toEqual(['*', undefined]);
    }
  });

  it('answers a preflight without a credential', async () => {
    const app = buildTestApp({}, { corsAllowOrigins: ['https://a.example'] });
    const answer = await app.inject({ method: 'OPTIONS', url: '/api/models', headers: { origin: 'https://a.example', ...preflight } });
    expect([answer.statusCode, answer.body, answer.headers['access-control-max-age']]).toEqual([200, 'OK', '600']);
    expect(answer.headers['access-control-allow-headers']).toBe('authorization');
    const refused = await app.inject({ method: 'OPTIONS', url: '/api/models', headers: { origin: 'https://b.example', ...preflight } });
    expect([refused.statusCode, refused.headers['access-control-allow-methods']]).toEqual([400, undefined]);
  });
});

describe('observation', () => {
  it('counts by route template, never by id', async () => {
    const app = buildTestApp({}, { gauges: [{ name: 'queue_length', help: 'Jobs', read: async () => 4 }] });
    await app.inject({ url: '/api/v1/files/very-secret-id', headers: AUTH });
    const { body } = await app.inject({ url: '/metrics' });
    expect(body).toMatch(/http_request_duration_seconds_count\{method="GET",route="\/api\/v1\/files\/:id",status="500"\} 1/);
    expect(body).not.toContain('very-secret-id');
    expect(body).toMatch(/^queue_length 4$/m);
    expect(body).toContain('process_cpu_seconds_total');
  });

  it('logs one line for a request, without credentials or query', async () => {
    const lines: LogLine[] = [];
    const app = buildTestApp({ searchFiles: async () => [] }, {}, lines);
    await app.inject({ url: '/api/v1/files/search?filename=secret-name', headers: AUTH });
    const requests = lines.filter((line) => line.message === 'request');
    expect(requests.map(({ fields }) => [fields['method'], fields['route'], fields['status']])).toEqual([['GET', '/api/v1/files/search', 404]]);
    expect(JSON.stringify(lines)).not.toMatch(/secret-name|sk-a/);
  });

  it('tells a new server’s clients that somebody must sign up', async () => {
    const config = (await buildTestApp({ hasUsers: async () => false }).inject({ url: '/api/config' })).json();
    expect([Object.keys(config)[0], config.features.enable_signup]).toEqual(['onboarding', true]);
    const later = (await buildTestApp().inject({ url: '/api/config' })).json();
    expect([Object.keys(later)[0], later.features.enable_signup]).toEqual(['status', false]);
  });
});
