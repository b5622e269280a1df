import { createServer, request as httpRequest } from 'node:http';
import type { AddressInfo } from 'node:net';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { createOllamaBackend } from '../../runtime/src/adapters/models/ollama/ollama-backend.ts';
import { startScriptedOllama } from '../support/scripted-ollama.ts';
import type { ScriptedServer } from '../support/scripted-server.ts';
import { NEVER } from './collect.ts';

const NAMES = ['HTTP_PROXY', 'http_proxy', 'NO_PROXY', 'no_proxy'];
const before = new Map(NAMES.map((name) => [name, process.env[name]]));
const proxied: string[] = [];
let server: ScriptedServer;

/** Sends every request on to the scripted server, whatever host it names. */
const proxy = createServer((incoming, response) => {
  proxied.push(incoming.url ?? '');
  const target = new URL(server.url);
  const onward = httpRequest({ host: target.hostname, port: target.port, path: new URL(incoming.url ?? '/').pathname, method: incoming.method, headers: incoming.headers }, (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.pipe(response);
  });
  incoming.pipe(onward);
});

beforeAll(async () => {
  server = await startScriptedOllama();
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  for (const name of NAMES) delete process.env[name];
  process.env['HTTP_PROXY'] = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
  process.env['NO_PROXY'] = '127.0.0.1';
});

afterAll(async () => {
  for (const [name, value] of before) {
    if (value === undefined) delete process.env[name];
    else process.env[name] = value;
  }
  proxy.closeAllConnections();
  await new Promise((resolve) => proxy.close(resolve));
  await server.close();
});

describe('calls to model servers', () => {
  it('go through HTTP_PROXY', async () => {
    const backend = createOllamaBackend({ baseUrls: ['http://models.invalid:11434'] });
    expect((await backend.models(NEVER)).map(({ id }) => id)).toContain('echo:latest');
    expect(proxied).toContain('http://models.invalid:11434/api/tags');
  });

  it('go past it to the hosts of NO_PROXY', async () => {
    proxied.length = 0;
    expect(await createOllamaBackend({ baseUrls: [server.url] }).models(NEVER)).toHaveLength(2);
    expect(proxied).toEqual([]);
  });
});
