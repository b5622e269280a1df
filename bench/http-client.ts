import { Agent, request as send } from 'node:http';

export type Reply = { status: number; text: string; firstByteMs: number };
export type RequestOptions = { json?: unknown; body?: Buffer; headers?: Record<string, string> };

/** A server under test; keeps its connections open, as a client that measures the server and not the handshake must. */
export type HttpClient = {
  request(method: string, path: string, options?: RequestOptions): Promise<Reply>;
  close(): void;
};

/** `bearer` is sent with every request. A status of 400 or more rejects with the server's words. */
export function createHttpClient(baseUrl: string, bearer: string): HttpClient {
  const agent = new Agent({ keepAlive: true, maxSockets: 256 });
  return {
    close: () => agent.destroy(),
    async request(method, path, { json, body, headers = {} } = {}) {
      const payload = json === undefined ? body : Buffer.from(JSON.stringify(json));
      const reply = await exchange(`${baseUrl}${path}`, agent, method, payload, {
        authorization: `Bearer ${bearer}`,
        ...(json === undefined ? {} : { 'content-type': 'application/json' }),
        ...(payload === undefined ? {} : { 'content-length': String(payload.length) }),
        ...headers,
      });
      if (reply.status >= 400) throw new Error(`${method} ${path} answered ${reply.status}: ${reply.text.slice(0, 300)}`);
      return reply;
    },
  };
}

function exchange(url: string, agent: Agent, method: string, payload: Buffer | undefined, headers: Record<string, string>): Promise<Reply> {
  const { promise, resolve, reject } = Promise.withResolvers<Reply>();
  const startedAt = performance.now();
  const request = send(url, { method, agent, headers }, (response) => {
    const parts: Buffer[] = [];
    let firstByteMs = 0;
    response.on('data', (part: Buffer) => {
      if (parts.length === 0) firstByteMs = performance.now() - startedAt;
      parts.push(part);
    });
    response.on('end', () => resolve({ status: response.statusCode ?? 0, text: Buffer.concat(parts).toString('utf8'), firstByteMs }));
    response.on('error', reject);
  });
  request.on('error', reject);
  request.end(payload);
  return promise;
}
