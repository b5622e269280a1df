import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';

import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';

import { startRuntime } from '../support/runtime.ts';
import { openBench } from './support/bench.ts';
import type { Json, RunResult } from './support/engine-types.ts';
import { FaultyProxy } from './support/faulty-proxy.ts';
import { newerHostOnly } from './support/hosts.ts';
import { ScriptedOpenWebUi } from './support/scripted-open-webui.ts';
import { selfSigned } from './support/self-signed.ts';
import { chain, ourNode } from './support/workflows.ts';

const MODELS = '/api/models';
const HEADERS = { headers: [{ name: 'X-Proxy-Key', value: 'x-proxy-secret-4711' }, { name: ' ', value: 'nameless' }] };
const bench = openBench();
const { server } = bench;
const elsewhere = new ScriptedOpenWebUi();
let behindPath: FaultyProxy;
let behindTls: FaultyProxy;

beforeAll(async () => {
  await elsewhere.start();
  behindPath = await new FaultyProxy(server.baseUrl, { prefix: '/openwebui' }).start();
  behindTls = await new FaultyProxy(server.baseUrl, { tls: selfSigned() }).start();
});

afterAll(async () => void (await Promise.all([behindPath.stop(), behindTls.stop(), elsewhere.stop()])));
beforeEach(() => elsewhere.reset());

async function use(credential: Json): Promise<RunResult> {
  return await bench.engine.run(chain(ourNode('ListModels', { returnAll: true })), { credential });
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await new Promise((done) => probe.once('listening', done));
  const { port } = probe.address() as AddressInfo;
  await new Promise((done) => probe.close(done));
  return port;
}

const SUFFIXES = ['', '/', '//', '/api', '/api/v1', '/api/v1/', '/v1', '/ollama', '/ollama/', '/openai/v1', '/?x=1', '/api?token=abc', '#/chat'];

describe('The base URL', () => {
  it.each(SUFFIXES)('may end in "%s", for the nodes and for the test of the credential', async (suffix) => {
    const baseUrl = server.baseUrl + suffix;
    expect((await use({ baseUrl })).error).toBeUndefined();
    expect(await bench.engine.testCredential({ baseUrl })).toEqual({ ok: true, message: 'Connection successful!' });
    expect(server.requests.map(({ path, query }) => [path, query])).toEqual([[MODELS, {}], [MODELS, {}]]);
  });

  it.each(['', '/', '/api/v1/'])('may have a path of its own behind a proxy, before "%s"', async (suffix) => {
    const baseUrl = behindPath.baseUrl + suffix;
    expect((await use({ baseUrl })).error).toBeUndefined();
    expect((await bench.engine.testCredential({ baseUrl })).ok).toBe(true);
  });

  it('may lack http, and stand between blanks', async () => {
    const bare = server.baseUrl.replace('http://', '');
    for (const baseUrl of [bare, `  ${server.baseUrl} \n`, bare.replace('127.0.0.1', 'localhost')]) {
      expect((await use({ baseUrl })).error).toBeUndefined();
      expect((await bench.engine.testCredential({ baseUrl })).ok).toBe(true);
    }
  });

  it.each([
    [' ', 'The credential has no base URL'],
    ['javascript:alert(1)', 'must begin with http:// or https://'],
    ['ftp://127.0.0.1/', 'must begin with http:// or https://'],
    ['file:///etc/passwd', 'must begin with http:// or https://'],
    ['http://user:hunter22@127.0.0.1:8080', 'must not hold a user name or password'],
    ['https://hunter22@127.0.0.1:8080/api', 'must not hold a user name or password'],
    ['http://open web ui', 'is not an address'],
    ['http:/127.0.0.1', 'is not an address'],
    ['http://', 'is not an address'],
  ])('is refused before any request when it is "%s"', async (baseUrl, words) => {
    const { error } = await use({ baseUrl });
    expect(error).toMatchObject({ name: 'NodeOperationError', message: expect.stringContaining(words) });
    const tested = await bench.engine.testCredential({ baseUrl });
    expect(tested).toEqual({ ok: false, message: expect.stringContaining(words) });
    expect(JSON.stringify([error, tested])).not.toContain('hunter22');
    expect(server.requests).toEqual([]);
  });
});

describe('The key and the headers', () => {
  it('go into the headers of a request and nowhere else', async () => {
    await use({ customHeaders: HEADERS });
    const [request] = server.requests;
    expect(request?.headers).toMatchObject({ authorization: `Bearer ${server.apiKey}`, 'x-proxy-key': 'x-proxy-secret-4711' });
    expect(JSON.stringify({ ...request, headers: {} })).not.toMatch(/sk-0123|4711/u);
  });

  it.each([['Bearer sk-0123456789abcdef'], ['  sk-0123456789abcdef\n']])('are understood as people paste them: "%s"', async (apiKey) => {
    expect((await use({ apiKey })).error).toBeUndefined();
  });

  it.each(['X-Proxy-Key:', 'X Proxy Key', 'プロキシ'])('are refused by the nodes and by the test when a header has a name that cannot be sent: "%s"', async (name) => {
    const customHeaders = { headers: [{ name, value: 'x-proxy-secret-4711' }] };
    const words = 'A custom header in the credential has a name that cannot be sent';
    const { error } = await use({ customHeaders });
    expect(error).toMatchObject({ name: 'NodeOperationError', message: expect.stringContaining(words) });
    expect(await bench.engine.testCredential({ customHeaders })).toEqual({ ok: false, message: expect.stringContaining(words) });
    expect(server.requests).toEqual([]);
  });

  it('are hidden in errors also without the word before them', async () => {
    server.script('GET', MODELS, { status: 401, body: { detail: 'Who is dXNlcjpwYXNzd29yZA==?' } });
    const { error } = await use({ customHeaders: { headers: [{ name: 'Authorization', value: 'Basic dXNlcjpwYXNzd29yZA==' }] } });
    expect(error?.message).toBe('Who is ***?');
  });

  it('are not sent when empty', async () => {
    const { error } = await use({ apiKey: ' ' });
    expect(server.requests[0]?.headers).not.toHaveProperty('authorization');
    expect(error).toMatchObject({ message: 'Not authenticated', httpCode: '401' });
  });

  it.each([301, 302, 307, 308])('do not follow a redirect with status %i to another origin, neither of a node nor of the test', async (status) => {
    const location = `${elsewhere.baseUrl}/taken`;
    server.script('GET', MODELS, { status, body: {}, headers: { location } });
    const { error } = await use({ customHeaders: HEADERS });
    expect(error).toMatchObject({ name: 'NodeApiError', message: `${server.baseUrl} redirects to ${location}`, httpCode: String(status) });
    expect(error?.description).toContain('as the base URL in the credential');
    expect((await bench.engine.testCredential({ customHeaders: HEADERS })).ok).toBe(false);
    expect(elsewhere.requests).toEqual([]);
  });

  it('follow a redirect on the same server, and not for ever', async () => {
    server.script('GET', MODELS, { status: 307, body: {}, headers: { location: '/api/models/' } });
    server.script('GET', '/api/models/', { status: 200, body: { data: [{ id: 'm', owned_by: 'openai' }] } });
    const result = await use({});
    expect(result.nodes['ListModels']?.items).toHaveLength(1);
    expect(server.requests.map(({ path, headers }) => [path, headers['authorization']])).toEqual([[MODELS, `Bearer ${server.apiKey}`], ['/api/models/', `Bearer ${server.apiKey}`]]);
    server.script('GET', '/api/models/', { status: 307, body: {}, headers: { location: MODELS } });
    expect((await use({})).error?.message).toContain('redirects to');
    expect(server.requests.length).toBeLessThan(8);
  });

  it('may be the token of somebody who signed in, on the runtime', async () => {
    const runtime = await startRuntime();
    try {
      const { baseUrl, adminEmail: email, adminPassword: password } = runtime;
      const body = JSON.stringify({ email, password });
      const answer = await fetch(`${baseUrl}/api/v1/auths/signin`, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
      const { token } = (await answer.json()) as { token: string };
      expect(token).toMatch(/^eyJ/u);
      expect((await use({ baseUrl, apiKey: token })).nodes['ListModels']?.items.length).toBeGreaterThan(0);
      expect((await bench.engine.testCredential({ baseUrl, apiKey: token })).ok).toBe(true);
      expect((await use({ baseUrl, apiKey: `${token}x` })).error?.httpCode).toBe('401');
    } finally {
      await runtime.stop();
    }
  }, 60_000);
});

describe('A server with a certificate of its own', () => {
  it('is refused, with a word on the switch that lets it in', async () => {
    const { error } = await use({ baseUrl: behindTls.baseUrl });
    expect(error?.message).toBe(`The certificate of ${behindTls.baseUrl} could not be verified`);
    expect(error?.description).toContain('Ignore SSL Issues');
    expect(await bench.engine.testCredential({ baseUrl: behindTls.baseUrl })).toEqual({ ok: false, message: expect.stringMatching(/self.signed certificate/u) });
  });

  it('is used with Ignore SSL Issues, by the nodes and by the test', async () => {
    const change = { baseUrl: behindTls.baseUrl, ignoreSslIssues: true };
    expect((await use(change)).error).toBeUndefined();
    expect(await bench.engine.testCredential(change)).toEqual({ ok: true, message: 'Connection successful!' });
  });
});

describe('A server that is not there', () => {
  it.each(['localhost', '127.0.0.1', '0.0.0.0'])('is named in the error, with a word on Docker for %s', async (host) => {
    const baseUrl = `http://${host}:${await freePort()}`;
    const { error } = await use({ baseUrl });
    expect(error?.message).toBe(`Nothing answers at ${baseUrl}: the connection was refused`);
    expect(error?.description).toContain('host.docker.internal');
    expect(error?.description).toContain('ECONNREFUSED');
    expect(await bench.engine.testCredential({ baseUrl })).toEqual({ ok: false, message: expect.stringMatching(/refused/iu) });
  });

  it('is named in the error when its name is unknown', async () => {
    const baseUrl = 'http://no-such-host.invalid';
    expect((await use({ baseUrl })).error?.message).toBe(`The host name in ${baseUrl} is unknown`);
    expect(await bench.engine.testCredential({ baseUrl })).toEqual({ ok: false, message: expect.stringMatching(/ENOTFOUND|EAI_AGAIN|host \(domain\)/u) });
  });

  it('is told from the web page of Open WebUI and from a login page', async () => {
    expect((await use({ baseUrl: `${server.baseUrl}/somewhere` })).error?.message).toContain('answered with a web page');
    expect(await bench.engine.testCredential({ baseUrl: `${server.baseUrl}/somewhere` })).toEqual({ ok: false, message: expect.stringContaining('probably a web page') });
  });
});

describe('The test of the credential', () => {
  const fails = async (status: number, words: string | RegExp): Promise<void> => {
    server.script('GET', MODELS, { status, body: { detail: 'x' } });
    expect(await bench.engine.testCredential()).toEqual({ ok: false, message: expect.stringMatching(words) });
  };

  it('fails at any status that tells of an error', async () => {
    for (const status of [401, 403, 404, 500]) await fails(status, /./u);
  });

  newerHostOnly('says what to do about status 401, 403, 404 and 302', 'n8n 2.0 loses the status on the way to the rules', async () => {
    await fails(401, 'does not accept this API key');
    await fails(403, 'API keys are switched off');
    await fails(404, 'There is no Open WebUI API at this address');
    await fails(302, 'redirects to another address');
  });
});
