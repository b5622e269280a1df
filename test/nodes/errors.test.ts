import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';

import { openBench } from './support/bench.ts';
import type { Json, RunError, RunResult } from './support/engine-types.ts';
import { everyNode } from './support/every-node.ts';
import type { NodeUse } from './support/every-node.ts';
import { FaultyProxy } from './support/faulty-proxy.ts';
import type { Fault } from './support/faulty-proxy.ts';
import { ScriptedOpenWebUi } from './support/scripted-open-webui.ts';
import { chain, ourNode } from './support/workflows.ts';

const SECRET = 'x-proxy-secret-4711';
const PAGE = '<!doctype html><html><title>Sign in</title></html>';
let proxy: FaultyProxy;
const bench = openBench(async ({ baseUrl }) => {
  proxy = await new FaultyProxy(baseUrl).start();
  return { baseUrl: proxy.baseUrl, credential: { customHeaders: { headers: [{ name: 'X-Proxy-Key', value: SECRET }] } } };
});
const { server } = bench;

afterAll(async () => await proxy.stop());
beforeEach(() => proxy.reset());

const json = (status: number, detail: unknown, headers: Record<string, string> = {}): Fault => ({ kind: 'answer', status, body: { detail }, headers });
const html = (status: number): Fault => ({ kind: 'answer', status, body: PAGE, headers: { 'content-type': 'text/html' } });
const field = { type: 'missing', loc: ['body', 'model'], msg: 'Field required' };

/** What the server does, the status that the error bears, words of its message and of its description. */
const failures: ReadonlyArray<[string, Fault, string | undefined, RegExp, RegExp]> = [
  ['a web page', html(200), undefined, /answered with a web page instead of data/, /must be the address of Open WebUI itself.*login page of a proxy/],
  ['a web page with status 404', html(404), '404', /Not Found|status 404/, /check the base URL in the credential/],
  ['a web page with status 405', html(405), '405', /Method Not Allowed|status 405/, /must be the address of Open WebUI itself/],
  ['a wrong request', json(400, 'The server refuses this.'), '400', /^The server refuses this\.$/, /answered with status 400/],
  ['a wrong key', json(401, 'Your session has expired or the token is invalid.'), '401', /^Your session has expired or the token is invalid\.$/, /Settings > Account > API Keys/],
  ['that keys are switched off', json(403, 'Use of API key is not enabled in the environment.'), '403', /^Use of API key is not enabled/, /API keys are switched off \(Open WebUI: Admin Settings > General\)/],
  ['that it does not know the thing', json(404, "We could not find what you're looking for :/"), '404', /^We could not find/, /Check the ID/],
  ['that the model server has no such model', { kind: 'answer', status: 404, body: { error: "model 'llama3.2' not found" } }, '404', /^model 'llama3.2' not found$/, /include the tag/],
  ['that the request is too large', { kind: 'answer', status: 413, body: 'Request Entity Too Large' }, '413', /^Request Entity Too Large$/, /limit is set on the server/],
  ['a list of wrong fields', json(422, [field]), '422', /^model: Field required$/, /answered with status 422/],
  ['that it is busy, again and again', json(429, 'Slow down', { 'retry-after': '0' }), '429', /^Slow down$/, /fewer requests/],
  ['that it wants a long pause', json(429, 'Quota', { 'retry-after': '3600' }), '429', /^Quota$/, /asks for a pause of 3600 seconds/],
  ['that it is out of order', json(500, 'Ollama: Server Connection Error'), '500', /^Ollama: Server Connection Error$/, /answered with status 500/],
  ["a fault in a model server's words", { kind: 'answer', status: 500, body: { error: { message: 'out of memory' } } }, '500', /^out of memory$/, /status 500/],
  ['a web page of a proxy with status 502', html(502), '502', /Bad Gateway|status 502/, /status 502/],
  ['a status without a body', { kind: 'answer', status: 500, body: '' }, '500', /Internal Server Error|status 500/, /status 500/],
  ['nothing in time', { kind: 'silence' }, undefined, /did not answer within 1 seconds/, /Raise Options > Timeout/],
  ['a broken connection', { kind: 'reset' }, undefined, /closed the connection before it answered/, /ECONNRESET|EPIPE|ERR_BAD_RESPONSE/],
];

/** What became of a node whose main request ended in a fault every time. */
type Failure = { result: RunResult; spoilt: number };

const failuresOf = new Map<string, Promise<Failure>>();
const opened: Array<{ stop(): Promise<void> }> = [];

async function fail(use: NodeUse, target: ScriptedOpenWebUi, fault: Fault): Promise<Failure> {
  const between = await new FaultyProxy(target.baseUrl).start();
  opened.push(between);
  between.spoil(use.request, fault);
  const { parameters, item } = use.prepare(target, fault.kind === 'silence' ? 1 : 60);
  const options = { inputItems: [item, item], credential: { baseUrl: between.baseUrl } };
  const result = await bench.engine.run(chain(ourNode(use.kind, parameters)), options);
  return { result, spoilt: between.spoilt.length };
}

// Most of these runs wait several seconds between their tries: so all of them are under way together, each node with a server of its own.
beforeAll(async () => {
  for (const use of everyNode) {
    const target = await new ScriptedOpenWebUi().start();
    opened.push(target);
    for (const [name, fault] of failures) failuresOf.set(`${use.kind} ${name}`, fail(use, target, fault));
  }
});
afterAll(async () => void (await Promise.all(opened.map(async (one) => await one.stop()))));

async function run(use: NodeUse, more: Json = {}): Promise<RunResult> {
  const { parameters, item } = use.prepare(server, 1);
  return await bench.engine.run(chain(ourNode(use.kind, parameters, more)), { inputItems: [item, item] });
}

function expectError(error: RunError | undefined, status: string | undefined, message: RegExp, description: RegExp): void {
  expect(error).toMatchObject({ name: 'NodeApiError', itemIndex: 0, ...(status === undefined ? {} : { httpCode: status }) });
  expect(error?.message).toMatch(message);
  expect(error?.description).toMatch(description);
}

describe.each(everyNode)('$kind', (use) => {
  it.each(failures)('tells an error with its cause and what to do when the server answers with %s', async (name, _fault, status, message, description) => {
    const { result, spoilt } = (await failuresOf.get(`${use.kind} ${name}`)) as Failure;
    expect(result.status).toBe('error');
    expectError(result.error, status, message, description);
    expect(spoilt).toBeGreaterThan(0);
  });

  it('blames a refused key on the model server only where the request goes on to one', async () => {
    proxy.spoil(use.request, { kind: 'answer', status: 401, body: { error: { message: 'Incorrect API key provided' } } });
    const { error } = await run(use);
    expect(error?.message).toBe('Incorrect API key provided');
    const goesOn = ['ChatCompletion', 'OllamaEmbed'].includes(use.kind);
    expect(error?.description).toContain(goesOn ? 'The model server behind Open WebUI says so' : 'Check the API key in the credential');
  });

  it('gives an item of its own with the fields of the input for each failed one when it is to continue', async () => {
    proxy.spoil(use.request, json(400, 'The server refuses this.'));
    const result = await run(use, { onError: 'continueRegularOutput' });
    const items = result.nodes[use.kind]?.items ?? [];
    expect(result.status).toBe('success');
    expect(items).toHaveLength(2);
    for (const [index, item] of items.entries()) {
      expect(item.json).toMatchObject({ row: 7, error: 'The server refuses this.', details: { httpCode: '400', description: expect.stringContaining('status 400') } });
      expect(item.pairedItem).toEqual({ item: index });
    }
  });

  it('sends failed items with the fields of the input to the error output when there is one', async () => {
    proxy.spoil(use.request, json(400, 'The server refuses this.'));
    const result = await run(use, { onError: 'continueErrorOutput' });
    const [good, bad] = result.nodes[use.kind]?.outputs ?? [];
    expect(good).toEqual([]);
    expect(bad?.map(({ json: { row, error } }) => [row, error])).toEqual([[7, 'The server refuses this.'], [7, 'The server refuses this.']]);
  });

  it('shows no key and no header of the credential, not even when the server repeats them', async () => {
    const echo = `Bearer ${server.apiKey} and ${SECRET} are unknown`;
    proxy.spoil(use.request, { kind: 'answer', status: 401, body: { detail: echo, request: { headers: [echo] } } });
    const result = JSON.stringify([await run(use), await run(use, { onError: 'continueRegularOutput' })]);
    expect(result).toContain('*** are unknown');
    expect(result).not.toContain(server.apiKey);
    expect(result).not.toContain(SECRET);
  });
});
