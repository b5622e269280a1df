import { describe, expect, it } from '@jest/globals';
import { AUTH, buildTestApp } from './support.ts';

const JSON_HEADERS = { ...AUTH, 'content-type': 'application/json' };

async function post(url: string, payload: string, headers: Record<string, string> = JSON_HEADERS) {
  const answer = await buildTestApp().inject({ method: 'POST', url, payload, headers });
  return { status: answer.statusCode, detail: answer.json().detail };
}

async function get(url: string) {
  const answer = await buildTestApp().inject({ url, headers: AUTH });
  return { status: answer.statusCode, detail: answer.json().detail };
}

describe('a request that does not fit', () => {
  it('lists every missing field of a body with the object that was sent', async () => {
    expect(await post('/api/v1/knowledge/create', '{"nam":"x"}')).toEqual({
      status: 422,
      detail: [
        { type: 'missing', loc: ['body', 'name'], msg: 'Field required', input: { nam: 'x' } },
        { type: 'missing', loc: ['body', 'description'], msg: 'Field required', input: { nam: 'x' } },
      ],
    });
  });

  it('names a wrong type', async () => {
    const { detail } = await post('/api/v1/knowledge/create', '{"name":1,"description":"d","access_grants":"all"}');
    expect(detail).toEqual([
      { type: 'string_type', loc: ['body', 'name'], msg: 'Input should be a valid string', input: 1 },
      { type: 'list_type', loc: ['body', 'access_grants'], msg: 'Input should be a valid list', input: 'all' },
    ]);
  });

  it('does not drop a grant with a typo', async () => {
    const grant = { principal_type: 'user', principal_id: '*', permission: 'banana' };
    const { status, detail } = await post('/api/v1/knowledge/create', JSON.stringify({ name: 'n', description: '', access_grants: [grant] }));
    expect([status, detail[0].loc, detail[0].msg]).toEqual([422, ['body', 'access_grants', 0, 'permission'], "Input should be 'read' or 'write'"]);
  });

  it('says where broken JSON breaks', async () => {
    const { status, detail } = await post('/api/v1/knowledge/create', '{"name": 1, oops}');
    expect([status, detail[0].type, detail[0].loc, detail[0].input]).toEqual([422, 'json_invalid', ['body', 12], {}]);
  });

  it.each([
    ['model_attributes_type', '/api/v1/knowledge/create'],
    ['dict_type', '/api/chat/completions'],
    ['list_type', '/api/v1/knowledge/k/files/batch/add'],
  ])('answers %s to a body of the wrong kind and to undeclared JSON on %s', async (type, url) => {
    const body = '"x"';
    expect(await post(url, body)).toMatchObject({ status: 422, detail: [{ type, loc: ['body'], input: 'x' }] });
    const plain = { ...AUTH, 'content-type': 'text/plain' };
    expect(await post(url, '{"a":1}', plain)).toMatchObject({ status: 422, detail: [{ type, loc: ['body'], input: '{"a":1}' }] });
  });

  it.each(['', 'null'])('answers missing to the body "%s"', async (body) => {
    const expected = { status: 422, detail: [{ type: 'missing', loc: ['body'], msg: 'Field required', input: null }] };
    expect(await post('/api/v1/knowledge/create', body)).toEqual(expected);
    expect(await post('/api/embeddings', body)).toEqual(expected);
  });

  it.each([
    ['page=0', { type: 'greater_than_equal', msg: 'Input should be greater than or equal to 1', input: '0', ctx: { ge: 1 } }],
    ['page=x', { type: 'int_parsing', msg: 'Input should be a valid integer, unable to parse string as an integer', input: 'x' }],
    ['page=', { type: 'int_parsing', msg: 'Input should be a valid integer, unable to parse string as an integer', input: '' }],
    ['page=1.5', { type: 'int_parsing', msg: 'Input should be a valid integer, unable to parse string as an integer', input: '1.5' }],
  ])('refuses ?%s on the list of files', async (query, finding) => {
    expect(await get(`/api/v1/files/?${query}`)).toEqual({ status: 422, detail: [{ ...finding, loc: ['query', 'page'] }] });
  });

  it('refuses a word that is neither true nor false', async () => {
    const { detail } = await get('/api/v1/files/?content=maybe');
    expect(detail[0]).toEqual({ type: 'bool_parsing', loc: ['query', 'content'], msg: 'Input should be a valid boolean, unable to interpret input', input: 'maybe' });
  });

  it('refuses a page of 5000 hits', async () => {
    const { detail } = await get('/api/v1/files/search?filename=*&limit=5000');
    expect(detail).toEqual([{ type: 'less_than_equal', loc: ['query', 'limit'], msg: 'Input should be less than or equal to 1000', input: '5000', ctx: { le: 1000 } }]);
  });

  it('refuses a server number that is not a number', async () => {
    expect(await post('/ollama/api/generate/abc', '{}')).toMatchObject({ status: 422, detail: [{ type: 'int_parsing', loc: ['path', 'url_idx'] }] });
  });

  it('lists what is wrong with the query before what is wrong with the body', async () => {
    const { detail } = await post('/api/v1/knowledge/k/file/remove?delete_file=x', '{}');
    expect(detail.map((finding: { loc: string[] }) => finding.loc)).toEqual([['query', 'delete_file'], ['body', 'file_id']]);
  });

  it.each(['{', '{"email":1}', '[]', ''])('says one sentence about the sign-in body %s and forbids caching', async (payload) => {
    const answer = await buildTestApp().inject({ method: 'POST', url: '/api/v1/auths/signin', payload, headers: { 'content-type': 'application/json' } });
    expect([answer.statusCode, answer.json(), answer.headers['cache-control']]).toEqual([422, { detail: 'Invalid authentication request.' }, 'no-store']);
  });
});

describe('hostile JSON', () => {
  it.each([
    ['nested 10,000 deep', `${'['.repeat(10_000)}${']'.repeat(10_000)}`],
    ['nested 65 deep', `{"a":${'['.repeat(65)}${']'.repeat(65)}}`],
    ['with a __proto__ key', '{"model":"m","__proto__":{"isAdmin":true}}'],
    ['with a constructor.prototype', '{"constructor":{"prototype":{"isAdmin":true}}}'],
    ['that is not UTF-8', '\u0000'],
  ])('%s is refused with 422', async (_title, payload) => {
    for (const url of ['/api/chat/completions', '/ollama/api/chat', '/api/v1/retrieval/query/doc']) {
      expect((await post(url, payload)).status).toBe(422);
    }
  });

  it('is accepted 60 deep', async () => {
    const app = buildTestApp({ chat: async () => ({ ok: true }) });
    const payload = `{"a":${'['.repeat(60)}${']'.repeat(60)}}`;
    expect((await app.inject({ method: 'POST', url: '/api/chat/completions', payload, headers: JSON_HEADERS })).json()).toEqual({ ok: true });
  });

  it('over the limit of its route is refused with 413', async () => {
    const payload = JSON.stringify({ query: 'x'.repeat(1024 * 1024) });
    expect((await post('/api/v1/retrieval/query/doc', payload)).status).toBe(413);
    const app = buildTestApp({ chat: async () => ({ ok: true }) });
    expect((await app.inject({ method: 'POST', url: '/api/chat/completions', payload, headers: JSON_HEADERS })).statusCode).toBe(200);
  });

  it.each(['gzip', 'br'])('compressed with %s is refused with 415', async (encoding) => {
    expect((await post('/api/chat/completions', '{}', { ...JSON_HEADERS, 'content-encoding': encoding })).status).toBe(415);
  });

  it.each(['application/json garbage', 'application/json; charset=utf-7', 'text/plain'])('declared as %s is refused', async (type) => {
    expect([415, 422]).toContain((await post('/api/chat/completions', '{}', { ...AUTH, 'content-type': type })).status);
  });
});

describe('Ollama routes', () => {
  it.each(['application/x-www-form-urlencoded', 'text/plain', undefined])('read JSON declared as %s', async (type) => {
    const app = buildTestApp({ ollamaCall: async (_principal, operation, body) => ({ kind: 'json', status: 200, body: { operation, ...body } }) });
    const headers = type === undefined ? AUTH : { ...AUTH, 'content-type': type };
    const answer = await app.inject({ method: 'POST', url: '/ollama/api/embed', payload: '{"model":"m","input":"猫"}', headers });
    expect(answer.json()).toEqual({ operation: 'embed', model: 'm', input: '猫' });
  });
});
