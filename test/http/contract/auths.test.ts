import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startRuntime, type RunningRuntime } from '../../support/runtime.ts';
import { call, TEXT, type Answer } from './client.ts';

let runtime: RunningRuntime;
beforeAll(async () => {
  runtime = await startRuntime({ env: { ENABLE_SIGNUP: 'true', DEFAULT_USER_ROLE: 'user' } });
});
afterAll(async () => runtime?.stop());

async function signIn(email = runtime.adminEmail, password = runtime.adminPassword): Promise<Answer> {
  return call(runtime, 'POST', '/api/v1/auths/signin', { key: null, json: { email, password } });
}

const brief = (answer: Answer) => [answer.status, answer.json];

describe('credentials', () => {
  it.each([
    ['no credential', {}, 401, 'Not authenticated'],
    ['an unknown key', { authorization: `Bearer sk-${'f'.repeat(32)}` }, 401, TEXT.invalidToken],
    ['a broken token', { authorization: 'Bearer abc.def.ghi' }, 401, '401 Unauthorized'],
    ['an unsigned token', { authorization: 'Bearer eyJhbGciOiJub25lIn0.eyJpZCI6IjEifQ.' }, 401, '401 Unauthorized'],
    ['an empty bearer', { authorization: 'Bearer ' }, 401, 'Not authenticated'],
    ['a key of 10,000 characters', { authorization: `Bearer sk-${'a'.repeat(10_000)}` }, 401, TEXT.invalidToken],
  ])('%s is refused on every kind of route', async (_title, headers, status, detail) => {
    for (const [method, path] of [['GET', '/api/models'], ['POST', '/api/chat/completions'], ['GET', '/ollama/api/tags'], ['POST', '/api/v1/files/']] as const) {
      expect(brief(await call(runtime, method, path, { key: null, headers }))).toEqual([status, { detail }]);
    }
  });

  it('a key works as bearer, in x-api-key and in the cookie', async () => {
    const key = runtime.apiKey;
    for (const headers of [{ authorization: `bearer ${key}` }, { 'x-api-key': key }, { cookie: `token=${key}` }, { authorization: `Basic ${key}` }]) {
      expect((await call(runtime, 'GET', '/api/models', { key: null, headers })).status).toBe(200);
    }
  });

  it.each([(key: string) => key.toUpperCase(), (key: string) => key.slice(0, -1), (key: string) => `${key}0`])('a changed key is an unknown one', async (change) => {
    const answer = await call(runtime, 'GET', '/api/models', { key: change(runtime.apiKey) });
    expect(answer.status).toBe(401);
  });
});

describe('signing in', () => {
  it('answers the session in the order of the contract and sets a cookie', async () => {
    const answer = await signIn();
    expect(Object.keys(answer.json)).toEqual(['id', 'name', 'role', 'email', 'profile_image_url', 'token', 'token_type', 'expires_at', 'permissions']);
    expect(answer.json).toMatchObject({ role: 'admin', email: runtime.adminEmail, token_type: 'Bearer' });
    expect(answer.headers.get('set-cookie')).toMatch(/^token=[^;]+; HttpOnly; Max-Age=\d+; Path=\/; SameSite=lax$/);
    expect(answer.headers.get('cache-control')).toBe('no-store');
  });

  it('says the same of an unknown address and of a wrong password', async () => {
    const detail = 'The email or password provided is incorrect. Please check for typos and try logging in again.';
    for (const answer of [await signIn('nobody@example.com'), await signIn(runtime.adminEmail, 'wrong')]) {
      expect(brief(answer)).toEqual([400, { detail }]);
    }
  });

  it.each(['{', '{}', '{"email":1,"password":[]}', 'null', ''])('answers one fixed sentence to the body %s', async (body) => {
    const answer = await call(runtime, 'POST', '/api/v1/auths/signin', { key: null, body, headers: { 'content-type': 'application/json' } });
    expect(brief(answer)).toEqual([422, { detail: 'Invalid authentication request.' }]);
  });

  it('stops somebody who guesses, and says for how long', async () => {
    const answers = await Promise.all(Array.from({ length: 17 }, (_, index) => signIn('guessed@example.com', `p${index}`)));
    expect(answers.filter((answer) => answer.status === 400).length).toBe(15);
    const last = answers.find((answer) => answer.status !== 400);
    expect([last?.status, last?.json]).toEqual([429, { detail: 'API rate limit exceeded' }]);
    expect(Number(last?.headers.get('retry-after'))).toBeGreaterThan(0);
  });
});

describe('the session', () => {
  it('is told to its token, with the contract’s keys around it', async () => {
    const { token } = (await signIn()).json;
    const answer = await call(runtime, 'GET', '/api/v1/auths/', { key: token });
    expect(Object.keys(answer.json).slice(0, 4)).toEqual(['status_emoji', 'status_message', 'status_expires_at', 'id']);
    expect(answer.json).toMatchObject({ token, profile_image_url: '/user.png' });
  });

  it('is not told to an API key', async () => {
    expect(brief(await call(runtime, 'GET', '/api/v1/auths/'))).toEqual([403, { detail: 'A human session is required.' }]);
  });

  it('loses its cookie at sign-out', async () => {
    const answer = await call(runtime, 'POST', '/api/v1/auths/signout', { key: null });
    expect([answer.json, answer.headers.get('set-cookie')]).toEqual([{ status: true }, 'token=; HttpOnly; Max-Age=0; Path=/; SameSite=lax']);
  });
});

describe('a second user', () => {
  let token = '';
  beforeAll(async () => {
    const json = { name: 'Bob', email: 'Bob@Example.com', password: 'bob-pass-1' };
    token = (await call(runtime, 'POST', '/api/v1/auths/signup', { key: null, json })).json.token;
  });

  it('cannot take an address twice', async () => {
    const json = { name: 'Bob', email: 'bob@example.com', password: 'x-pass-1' };
    const answer = await call(runtime, 'POST', '/api/v1/auths/signup', { key: null, json });
    expect([answer.status, answer.json.detail]).toEqual([400, expect.stringContaining('This email is already registered')]);
  });

  it('is refused with 401 where an admin is needed', async () => {
    expect(brief(await call(runtime, 'GET', '/ollama/api/ps', { key: token }))).toEqual([401, { detail: TEXT.accessProhibited }]);
  });

  it('makes, reads, replaces and deletes an API key', async () => {
    const path = '/api/v1/auths/api_key';
    expect((await call(runtime, 'GET', path, { key: token })).status).toBe(404);
    const first = (await call(runtime, 'POST', path, { key: token })).json.api_key;
    expect(first).toMatch(/^sk-[0-9a-f]{32}$/);
    expect((await call(runtime, 'GET', path, { key: first })).json).toEqual({ api_key: first });
    const second = (await call(runtime, 'POST', path, { key: first })).json.api_key;
    expect(brief(await call(runtime, 'GET', '/api/v1/files/count', { key: first }))).toEqual([401, { detail: TEXT.invalidToken }]);
    expect((await call(runtime, 'DELETE', path, { key: second })).text).toBe('true');
    expect((await call(runtime, 'GET', '/api/v1/files/count', { key: second })).status).toBe(401);
  });
});

it('sign-up is closed after the first account unless it was opened', async () => {
  const closed = await startRuntime();
  try {
    const json = { name: 'Bob', email: 'bob@example.com', password: 'bob-pass-1' };
    expect(brief(await call(closed, 'POST', '/api/v1/auths/signup', { key: null, json }))).toEqual([403, { detail: TEXT.accessProhibited }]);
  } finally {
    await closed.stop();
  }
});
