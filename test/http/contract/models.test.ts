import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startRuntime, type RunningRuntime } from '../../support/runtime.ts';
import { call } from './client.ts';

let runtime: RunningRuntime;
beforeAll(async () => {
  runtime = await startRuntime({ env: { ENV: 'prod' } });
});
afterAll(async () => runtime?.stop());

const CHAT_MODEL = 'builtin/extractive';
const EMBED_MODEL = 'builtin/lexical-embed';
const lines = (text: string) => text.trim().split('\n').map((line) => JSON.parse(line));

describe('the model lists', () => {
  it.each(['/api/models', '/api/v1/models', '/api/models/'])('%s has data and no object', async (path) => {
    const { json } = await call(runtime, 'GET', path);
    expect(Object.keys(json)).toEqual(['data']);
    expect(json.data.map((model: { id: string }) => model.id)).toEqual(expect.arrayContaining([CHAT_MODEL, EMBED_MODEL]));
  });

  it('Ollama’s own and the OpenAI-shaped one name the same models', async () => {
    const { models } = (await call(runtime, 'GET', '/ollama/api/tags')).json;
    const { data, object } = (await call(runtime, 'GET', '/ollama/v1/models')).json;
    expect(object).toBe('list');
    expect(data.map((model: { id: string }) => model.id)).toEqual(models.map((model: { model: string }) => model.model));
    expect(data[0]).toMatchObject({ object: 'model', owned_by: 'openai' });
  });
});

describe('the Ollama routes', () => {
  it('say that they are there to anybody', async () => {
    for (const path of ['/ollama', '/ollama/']) expect((await call(runtime, 'GET', path, { key: null })).json).toEqual({ status: true });
    expect((await call(runtime, 'GET', '/ollama/api/ps')).json.models).toBeInstanceOf(Array);
  });

  it('have no version while there is no Ollama server', async () => {
    const answer = await call(runtime, 'GET', '/ollama/api/version');
    expect([answer.status, answer.json]).toEqual([500, { detail: 'WebUI could not connect to Ollama' }]);
  });

  it.each(['application/x-www-form-urlencoded', 'text/plain', 'application/json'])('embed what curl sends as %s', async (type) => {
    const body = JSON.stringify({ model: EMBED_MODEL, input: ['a', 'b'] });
    const { json } = await call(runtime, 'POST', '/ollama/api/embed', { body, headers: { 'content-type': type } });
    expect([json.model, json.embeddings.length]).toEqual([EMBED_MODEL, 2]);
  });

  it('embed one prompt in the older shape', async () => {
    const { json } = await call(runtime, 'POST', '/ollama/api/embeddings', { json: { model: EMBED_MODEL, prompt: 'a' } });
    expect(json.embedding.length).toBeGreaterThan(10);
  });

  it.each([
    ['generate', { prompt: 'Hello' }],
    ['chat', { messages: [{ role: 'user', content: 'Hello' }] }],
  ])('%s in lines unless told not to', async (operation, body) => {
    const streamed = await call(runtime, 'POST', `/ollama/api/${operation}`, { json: { model: CHAT_MODEL, ...body } });
    expect(streamed.headers.get('content-type')).toBe('application/x-ndjson');
    expect(lines(streamed.text).at(-1)).toMatchObject({ model: CHAT_MODEL, done: true });
    const whole = await call(runtime, 'POST', `/ollama/api/${operation}`, { json: { model: CHAT_MODEL, stream: false, ...body } });
    expect([whole.status, whole.json.done]).toEqual([200, true]);
  });

  it('show a model by either name of the field', async () => {
    for (const json of [{ model: CHAT_MODEL }, { name: CHAT_MODEL }]) {
      expect((await call(runtime, 'POST', '/ollama/api/show', { json })).json).toHaveProperty('details');
    }
  });

  it.each(['generate', 'chat', 'embed', 'embeddings', 'show'])('%s names the model that is not there', async (operation) => {
    const unknown = await call(runtime, 'POST', `/ollama/api/${operation}`, { json: { model: 'x' } });
    expect([unknown.status, unknown.json]).toEqual([400, { detail: "Model 'x' was not found" }]);
    const missing = await call(runtime, 'POST', `/ollama/api/${operation}`, { json: {} });
    expect([missing.status, missing.json]).toEqual([400, { detail: "Model 'None' was not found" }]);
  });
});

describe('the edges of the API', () => {
  it('are public where the contract says so', async () => {
    for (const path of ['/health', '/health/db']) expect((await call(runtime, 'GET', path, { key: null })).json).toEqual({ status: true });
    expect((await call(runtime, 'GET', '/ready', { key: null })).json).toMatchObject({ status: true, ready: true });
    expect((await call(runtime, 'GET', '/api/version', { key: null })).json).toEqual({ version: '0.12.4', deployment_id: '' });
    expect((await call(runtime, 'GET', '/api/config', { key: null })).json).toMatchObject({ status: true, name: 'Open WebUI', features: { auth: true } });
    expect((await call(runtime, 'GET', '/metrics', { key: null })).text).toContain('http_request_duration_seconds_bucket');
  });

  it.each([
    ['GET', '/nowhere', 404, { detail: 'Not Found' }],
    ['POST', '/api/v1/nowhere', 404, { detail: 'Not Found' }],
    ['GET', '/docs', 404, { detail: 'Not Found' }],
    ['GET', '/api/chat/completions', 405, { detail: 'Method Not Allowed' }],
    ['DELETE', '/api/models', 405, { detail: 'Method Not Allowed' }],
  ])('answer %s %s with JSON, never with a page (traps 8 and 9)', async (method, path, status, body) => {
    const answer = await call(runtime, method, path);
    expect([answer.status, answer.json, answer.headers.get('content-type')]).toEqual([status, body, 'application/json']);
  });

  const POSTS = [
    '/api/v1/auths/signup', '/api/v1/auths/signin', '/api/chat/completions', '/api/v1/chat/completions', '/api/embeddings',
    '/ollama/api/chat', '/ollama/api/generate', '/ollama/api/embed', '/ollama/api/show', '/ollama/v1/chat/completions', '/ollama/v1/embeddings',
    '/api/v1/files/', '/api/v1/files/x/rename', '/api/v1/knowledge/create', '/api/v1/knowledge/x/update', '/api/v1/knowledge/x/access/update',
    '/api/v1/knowledge/x/file/add', '/api/v1/knowledge/x/file/remove', '/api/v1/retrieval/query/doc', '/api/v1/retrieval/query/collection',
  ];
  it.each(POSTS)('survive a missing, null, list, text and broken body on POST %s', async (path) => {
    for (const body of ['', 'null', '[]', '"x"', '{', '7', '['.repeat(10_000)]) {
      const answer = await call(runtime, 'POST', path, { body, headers: { 'content-type': 'application/json' } });
      expect([path, body.slice(0, 5), answer.status]).toEqual([path, body.slice(0, 5), 422]);
    }
    expect((await call(runtime, 'GET', '/health', { key: null })).status).toBe(200);
  });

  it('send no CORS header unless origins are configured', async () => {
    const answer = await call(runtime, 'GET', '/api/models', { headers: { origin: 'https://evil.example' } });
    expect(answer.headers.get('access-control-allow-origin')).toBeNull();
  });
});
