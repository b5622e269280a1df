import { afterEach, describe, expect, it } from '@jest/globals';
import type { FastifyInstance } from 'fastify';
import { AppError } from '../../runtime/src/domain/errors.ts';
import { AUTH, buildTestApp, type LogLine } from './support.ts';

const apps: FastifyInstance[] = [];
function start(...args: Parameters<typeof buildTestApp>): FastifyInstance {
  const app = buildTestApp(...args);
  apps.push(app);
  return app;
}
afterEach(async () => {
  await Promise.all(apps.splice(0).map((app) => app.close()));
});

const JSON_TYPE = { 'content-type': 'application/json' };

describe('paths and methods', () => {
  it.each(['/api/models', '/api/models/', '/api/v1/models', '/ollama', '/ollama/', '/health/'])('serves %s without a redirect', async (url) => {
    const app = start({ listModels: async () => [] });
    const answer = await app.inject({ url, headers: AUTH });
    expect(answer.statusCode).toBe(200);
    expect(answer.headers['content-type']).toBe('application/json');
  });

  it('answers an unknown path with 404 as JSON', async () => {
    const answer = await start().inject({ url: '/nowhere' });
    expect([answer.statusCode, answer.json(), answer.headers['content-type']]).toEqual([404, { detail: 'Not Found' }, 'application/json']);
  });

  it.each(['//api/models', '/API/models', '/api;/models', '/api%2Fmodels'])('does not take %s for another path', async (url) => {
    const answer = await start({ listModels: async () => [] }).inject({ url, headers: AUTH });
    expect(answer.statusCode).toBe(404);
  });

  it('names the right methods when the method is wrong, before it asks who is calling', async () => {
    const answer = await start().inject({ method: 'PUT', url: '/api/v1/files', payload: '{}', headers: JSON_TYPE });
    expect([answer.statusCode, answer.json(), answer.headers['allow']]).toEqual([405, { detail: 'Method Not Allowed' }, 'GET, HEAD, POST']);
  });

  it('answers HEAD where GET is known', async () => {
    const answer = await start().inject({ method: 'HEAD', url: '/health' });
    expect([answer.statusCode, answer.body]).toEqual([200, '']);
  });

  it('answers a path that cannot be decoded with 400 as JSON', async () => {
    const answer = await start().inject({ url: '/api/%E0%A4%A' });
    expect(answer.statusCode).toBe(400);
    expect(typeof answer.json().detail).toBe('string');
  });

  it('tells the time that each answer took, with six decimals', async () => {
    const app = start();
    for (const url of ['/health', '/nowhere', '/api/models']) {
      expect((await app.inject({ url })).headers['x-process-time']).toMatch(/^\d+\.\d{6}$/);
    }
  });
});

describe('errors', () => {
  it('hides what it did not foresee and logs it', async () => {
    const lines: LogLine[] = [];
    const app = start({ listModels: async () => Promise.reject(new TypeError('secret inside')) }, {}, lines);
    const answer = await app.inject({ url: '/api/models', headers: AUTH });
    expect([answer.statusCode, answer.json()]).toEqual([500, { detail: 'Something went wrong :/' }]);
    expect(lines.some((line) => line.level === 'error' && line.fields['err'] instanceof TypeError)).toBe(true);
  });

  it('relays an OpenAI-type server its own way: status, body and Retry-After', async () => {
    const body = { error: { message: 'slow down', type: 'rate_limit' } };
    const details = { status: 429, body, retryAfter: '7', source: 'openai' };
    const app = start({ chat: async () => Promise.reject(new AppError('UPSTREAM_ERROR', 'upstream', { details })) });
    const answer = await app.inject({ method: 'POST', url: '/api/chat/completions', headers: AUTH, payload: { model: 'm' } });
    expect([answer.statusCode, answer.json(), answer.headers['retry-after']]).toEqual([429, body, '7']);
  });

  it('puts the text of an Ollama error into detail, with its status', async () => {
    const details = { status: 404, body: { error: 'model not pulled' }, source: 'ollama' };
    const app = start({ chat: async () => Promise.reject(new AppError('UPSTREAM_ERROR', 'upstream', { details })) });
    const answer = await app.inject({ method: 'POST', url: '/api/chat/completions', headers: AUTH, payload: {} });
    expect([answer.statusCode, answer.json()]).toEqual([404, { detail: 'model not pulled' }]);
  });

  it('never makes a success or a redirect of a model server error', async () => {
    const details = { status: 302, body: '<html>', source: 'openai' };
    const app = start({ chat: async () => Promise.reject(new AppError('UPSTREAM_ERROR', 'upstream', { details })) });
    const answer = await app.inject({ method: 'POST', url: '/api/chat/completions', headers: AUTH, payload: {} });
    expect([answer.statusCode, answer.headers['content-type']]).toEqual([502, 'text/plain; charset=utf-8']);
  });

  it.each([
    ['GET', '/api/v1/files/x', 404],
    ['GET', '/api/v1/knowledge/x', 404],
    ['GET', '/api/v1/knowledge/x/files', 400],
    ['POST', '/api/v1/knowledge/x/reset', 400],
  ] as const)('answers an unknown id on %s %s with %i', async (method, url, status) => {
    const missing = async () => Promise.reject(new AppError('NOT_FOUND', 'x'));
    const app = start({ getFile: missing, getKnowledge: missing, listKnowledgeFiles: missing, resetKnowledge: missing });
    const answer = await app.inject({ method, url, headers: AUTH });
    expect([answer.statusCode, answer.json()]).toEqual([status, { detail: "We could not find what you're looking for :/" }]);
  });
});

describe('documents in development', () => {
  it('does not show the API document in production', async () => {
    const app = start();
    for (const url of ['/docs', '/openapi.json', '/docs/assets/swagger-ui-bundle.js']) {
      expect((await app.inject({ url })).statusCode).toBe(404);
    }
  });

  it('serves the page from its own disk and no other file of that folder', async () => {
    const app = start({}, { isDev: true });
    expect((await app.inject({ url: '/docs' })).headers['content-type']).toBe('text/html; charset=utf-8');
    expect((await app.inject({ url: '/docs/assets/swagger-ui.css' })).statusCode).toBe(200);
    expect((await app.inject({ url: '/docs/assets/package.json' })).statusCode).toBe(404);
    expect((await app.inject({ url: '/docs' })).body).not.toMatch(/https?:\/\//);
  });
});
