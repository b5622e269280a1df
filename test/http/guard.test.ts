import { describe, expect, it } from '@jest/globals';
import { findCredential } from '../../runtime/src/http/guard.ts';
import { AUTH, buildTestApp, GOOD_KEY } from './support.ts';

function find(headers: Record<string, string>): string | null {
  return findCredential({ headers, rawHeaders: Object.entries(headers).flat() });
}

describe('the credential of a request', () => {
  it.each([
    ['a bearer token', { authorization: 'Bearer abc' }, 'abc'],
    ['a bearer token whatever the case of the word', { authorization: 'bEARER abc' }, 'abc'],
    ['the cookie', { cookie: 'theme=dark; token=abc' }, 'abc'],
    ['any other word before a credential', { authorization: 'Basic sk-1' }, 'sk-1'],
    ['x-api-key', { 'x-api-key': 'sk-1' }, 'sk-1'],
    ['the bearer token before the cookie and x-api-key', { authorization: 'Bearer a', cookie: 'token=b', 'x-api-key': 'c' }, 'a'],
    ['the cookie before another scheme', { authorization: 'Basic a', cookie: 'token=b' }, 'b'],
    ['the cookie before x-api-key', { cookie: 'token=b', 'x-api-key': 'c' }, 'b'],
    ['x-api-key where the bearer is empty', { authorization: 'Bearer ', 'x-api-key': 'c' }, 'c'],
    ['x-api-key where Authorization is a bare key', { authorization: 'sk-1', 'x-api-key': 'c' }, 'c'],
  ])('is %s', (_title, headers, expected) => {
    expect(find(headers)).toBe(expected);
  });

  it.each([
    ['nothing was sent', {}],
    ['Authorization is a bare key', { authorization: 'sk-1' }],
    ['the bearer is empty', { authorization: 'Bearer' }],
    ['the cookie has another name', { cookie: 'xtoken=abc; mytoken=d' }],
    ['there are three words', { authorization: 'Token a b' }],
  ])('is missing when %s', (_title, headers) => {
    expect(find(headers)).toBeNull();
  });

  it('is refused when Authorization was sent twice', () => {
    const request = { headers: { authorization: 'Bearer a' }, rawHeaders: ['Authorization', 'Bearer a', 'authorization', 'Bearer b'] };
    expect(() => findCredential(request)).toThrow('More than one');
  });
});

describe('the guard', () => {
  it('refuses a credential of 10,000 characters without looking it up', async () => {
    const seen: Array<string | null> = [];
    const app = buildTestApp({
      authenticate: async (credential) => {
        seen.push(credential);
        throw new Error('looked up');
      },
    });
    const answer = await app.inject({ url: '/api/models', headers: { authorization: `Bearer ${'x'.repeat(10_000)}` } });
    expect([answer.statusCode, answer.json(), seen]).toEqual([401, { detail: '401 Unauthorized' }, []]);
  });

  it('says who is missing before it looks at the body', async () => {
    const app = buildTestApp();
    const answer = await app.inject({ method: 'POST', url: '/api/v1/knowledge/create', payload: '{', headers: { 'content-type': 'application/json' } });
    expect([answer.statusCode, answer.json()]).toEqual([401, { detail: 'Not authenticated' }]);
  });

  it('gives the same rights to a key in each place', async () => {
    const app = buildTestApp({ countFiles: async () => 3 });
    for (const headers of [AUTH, { 'x-api-key': GOOD_KEY }, { cookie: `token=${GOOD_KEY}` }]) {
      expect((await app.inject({ url: '/api/v1/files/count', headers })).json()).toBe(3);
    }
  });

  it.each(['null', 'undefined', 'x'])('answers 401 to the bearer %s', async (word) => {
    const answer = await buildTestApp().inject({ url: '/api/models', headers: { authorization: `Bearer ${word}` } });
    expect([answer.statusCode, answer.headers['www-authenticate']]).toEqual([401, undefined]);
  });

  it('does not read a credential from the query', async () => {
    expect((await buildTestApp().inject({ url: `/api/models?token=${GOOD_KEY}` })).statusCode).toBe(401);
  });
});
