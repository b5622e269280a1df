import { createHmac, hkdfSync, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startRuntime, type RunningRuntime } from '../support/runtime.ts';
import { call, TEXT, type Answer } from '../http/contract/client.ts';

const SECRET = 'planted-instance-secret-51c0';
const LONGEST = 'p'.repeat(72);

type Account = { id: string; role: string; token: string; email: string };

let runtime: RunningRuntime;
let admin: Account;
let others: Account[] = [];
beforeAll(async () => {
  runtime = await startRuntime({ env: { ENV: 'dev', ENABLE_INITIAL_ADMIN: 'false', ENABLE_SIGNUP: 'true', DEFAULT_USER_ROLE: 'pending', WEBUI_SECRET_KEY: SECRET, VECTOR_DB: 'none' } });
  const answers = await Promise.all(['ann', 'bob', 'cid'].map((name) => signUp({ name, email: `${name}@example.com`, password: LONGEST })));
  const accounts = answers.map((answer) => answer.json as Account);
  others = accounts.filter((account) => account.role !== 'admin');
  admin = accounts.find((account) => account.role === 'admin') as Account;
});
afterAll(async () => runtime?.stop());

const signUp = (json: unknown): Promise<Answer> => call(runtime, 'POST', '/api/v1/auths/signup', { key: null, json });
const signIn = (json: unknown, headers: Record<string, string> = {}): Promise<Answer> => call(runtime, 'POST', '/api/v1/auths/signin', { key: null, json, headers });
const files = (key: string | null, headers: Record<string, string> = {}): Promise<Answer> => call(runtime, 'GET', '/api/v1/files/count', { key, headers });

describe('the first sign-ups', () => {
  it('at the same moment make exactly one admin; the others wait to be let in', () => {
    expect([admin.role, others.map((account) => account.role)]).toEqual(['admin', ['pending', 'pending']]);
  });
});

describe('every route that is not public', () => {
  it('asks for a credential before it looks at anything else', async () => {
    const { paths } = (await call(runtime, 'GET', '/openapi.json', { key: null })).json as { paths: Record<string, Record<string, { security?: unknown[] }>> };
    const closed = Object.entries(paths).flatMap(([path, methods]) =>
      Object.entries(methods).flatMap(([method, operation]) => ((operation.security ?? [{}]).length > 0 ? [[method.toUpperCase(), path.replaceAll(/\{\w+\}/gu, '1')] as const] : [])),
    );
    expect(closed.length).toBeGreaterThan(40);
    for (const [method, path] of closed) {
      const json = method === 'POST' ? { anything: true } : undefined;
      const answer = await call(runtime, method, path, { key: null, ...(json === undefined ? {} : { json }) });
      expect([method, path, answer.status, answer.json]).toEqual([method, path, 401, { detail: 'Not authenticated' }]);
      const waiting = await call(runtime, method, path, { key: others[0]?.token ?? '', ...(json === undefined ? {} : { json }) });
      if (!path.startsWith('/api/v1/auths')) expect([method, path, waiting.status, waiting.json]).toEqual([method, path, 401, { detail: TEXT.accessProhibited }]);
    }
  });
});

describe('somebody who waits to be let in', () => {
  it('is refused with an API key as with the session', async () => {
    const key = (await call(runtime, 'POST', '/api/v1/auths/api_key', { key: others[0]?.token ?? '' })).json.api_key as string;
    for (const headers of [{ authorization: `Bearer ${key}` }, { 'x-api-key': key }, { cookie: `token=${key}` }]) {
      const answer = await files(null, headers);
      expect([answer.status, answer.json]).toEqual([401, { detail: TEXT.accessProhibited }]);
    }
  });
});

describe('a session token', () => {
  const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const claimsOf = (token: string): Record<string, unknown> => JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as Record<string, unknown>;
  const sessionKey = (secret: string): Buffer => Buffer.from(hkdfSync('sha256', secret, 'openwebui-rag-runtime', 'sessions', 32));
  const sign = (header: object, claims: object, key: Buffer | string): string => {
    const body = `${encode(header)}.${encode(claims)}`;
    return `${body}.${createHmac('sha256', key).update(body).digest('base64url')}`;
  };
  const HS256 = { alg: 'HS256', typ: 'JWT' };
  const now = (): number => Math.floor(Date.now() / 1000);

  it('of the server’s own making is accepted, so that the forgeries below fail for their own reason', async () => {
    expect((await files(sign(HS256, claimsOf(admin.token), sessionKey(SECRET)))).status).toBe(200);
  });

  it.each<[string, () => string]>([
    ['without a signature', () => `${encode({ alg: 'none', typ: 'JWT' })}.${encode(claimsOf(admin.token))}.`],
    ['that says it is signed with RS256', () => sign({ alg: 'RS256', typ: 'JWT' }, claimsOf(admin.token), sessionKey(SECRET))],
    ['signed with HS512', () => sign({ alg: 'HS512', typ: 'JWT' }, claimsOf(admin.token), sessionKey(SECRET))],
    ['with a critical header nobody knows', () => sign({ ...HS256, crit: ['x'], x: 1 }, claimsOf(admin.token), sessionKey(SECRET))],
    ['signed with the bare secret', () => sign(HS256, claimsOf(admin.token), SECRET)],
    ['signed with an empty key', () => sign(HS256, claimsOf(admin.token), '')],
    ['whose claims were exchanged', () => [admin.token.split('.')[0], encode({ ...claimsOf(admin.token), id: others[0]?.id }), admin.token.split('.')[2]].join('.')],
    ['that ended a second ago', () => sign(HS256, { ...claimsOf(admin.token), exp: now() - 1 }, sessionKey(SECRET))],
    ['that is not valid yet', () => sign(HS256, { ...claimsOf(admin.token), nbf: now() + 60 }, sessionKey(SECRET))],
    ['of a user who is gone', () => sign(HS256, { ...claimsOf(admin.token), id: randomUUID() }, sessionKey(SECRET))],
    ['of an ended session', () => sign(HS256, { ...claimsOf(admin.token), session_stamp: randomUUID() }, sessionKey(SECRET))],
    ['without a session', () => sign(HS256, { id: admin.id }, sessionKey(SECRET))],
  ])('%s is refused', async (_what, forge) => {
    const answer = await files(forge());
    expect([answer.status, answer.json]).toEqual([401, { detail: '401 Unauthorized' }]);
  });
});

describe('an API key', () => {
  it.each<[string, (key: string) => string]>([
    ['in upper case', (key) => `sk-${key.slice(3).toUpperCase()}`],
    ['cut short', (key) => key.slice(0, -1)],
    ['with one digit changed', (key) => `${key.slice(0, -1)}${key.endsWith('0') ? '1' : '0'}`],
    ['with something after it', (key) => `${key} x`],
    ['that is only a prefix', () => 'sk-'],
    ['as its own hash', (key) => createHmac('sha256', '').update(key).digest('hex')],
  ])('%s is refused', async (_what, change) => {
    const key = (await call(runtime, 'POST', '/api/v1/auths/api_key', { key: admin.token })).json.api_key as string;
    expect([(await files(key)).status, (await files(change(key))).status]).toEqual([200, 401]);
  });

  it('ends when it is replaced, and the next one works at once', async () => {
    const first = (await call(runtime, 'POST', '/api/v1/auths/api_key', { key: admin.token })).json.api_key as string;
    const second = (await call(runtime, 'POST', '/api/v1/auths/api_key', { key: first })).json.api_key as string;
    expect([(await files(first)).status, (await files(second)).status]).toEqual([401, 200]);
  });
});

describe('a password', () => {
  it('is compared whole: one byte too many is wrong, not cut off', async () => {
    const right = await signIn({ email: admin.email, password: LONGEST });
    const long = await signIn({ email: admin.email, password: `${LONGEST}p` });
    expect([right.status, long.status, long.json.detail]).toEqual([200, 400, expect.stringContaining('incorrect')]);
  });

  it.each(['', `${LONGEST.slice(0, 71)}\0`, '🔑'.repeat(18), 'x'.repeat(500_000)])('that is odd (%#) is wrong and harms nothing', async (password) => {
    expect((await signIn({ email: admin.email, password })).status).toBe(400);
  });

  it.each([null, [], {}, 1, true])('that is %j is refused before anything is compared', async (password) => {
    expect((await signIn({ email: admin.email, password })).status).toBe(422);
    expect((await signUp({ name: 'x', email: 'x@example.com', password })).status).toBe(422);
  });

  it.each(['p'.repeat(73), ''])('that cannot be kept (%#) makes no account', async (password) => {
    expect((await signUp({ name: 'x', email: 'x@example.com', password })).status).toBe(400);
    expect((await signIn({ email: 'x@example.com', password })).status).toBe(400);
  });
});

describe('headers that a proxy might add', () => {
  it('make nobody of a stranger', async () => {
    const headers = { 'x-forwarded-email': admin.email, 'x-forwarded-user': admin.email, 'x-user-email': admin.email, 'x-user-id': admin.id, 'x-webui-email': admin.email, 'x-original-url': '/health' };
    expect((await files(null, headers)).status).toBe(401);
  });
});

it('no secret stands in the log', () => {
  const output = runtime.output();
  for (const secret of [SECRET, LONGEST, admin.token, 'sk-']) expect([secret, output.includes(secret)]).toEqual([secret, false]);
});
