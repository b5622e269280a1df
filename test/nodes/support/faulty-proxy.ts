import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { createServer, request as send } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';

/** What happens to a request instead of its answer. */
export type Fault =
  | { kind: 'answer'; status: number; body: unknown; headers?: Record<string, string> }
  /** No word at all. */
  | { kind: 'silence' }
  /** The connection is broken. */
  | { kind: 'reset' }
  /** The worst: the server has done the work, and its answer is lost. */
  | { kind: 'lost' }
  /** The head and the beginning of a streamed answer, then nothing more. */
  | { kind: 'stall'; beginning: string };

/** How the proxy itself is reached. */
export interface ProxyOptions {
  tls?: { key: string; cert: string };
  /** Path before that of the server, such as `/openwebui`. */
  prefix?: string;
}

interface Rule {
  matches: RegExp;
  fault: Fault;
}

/** Stands between the nodes and a server, passes everything on, and spoils the requests that a test names. */
export class FaultyProxy {
  /** All requests so far. */
  requests = 0;
  /** The spoilt ones, as `METHOD /path`. */
  readonly spoilt: string[] = [];
  private rules: Rule[] = [];
  private inTurn: { every: number; faults: Fault[] } | undefined;
  private readonly target: URL;
  private readonly options: ProxyOptions;
  private readonly server: Server;

  constructor(target: string, options: ProxyOptions = {}) {
    this.target = new URL(target);
    this.options = options;
    const take = (request: IncomingMessage, response: ServerResponse): void => this.take(request, response);
    this.server = options.tls ? createTlsServer(options.tls, take) : createServer(take);
  }

  get baseUrl(): string {
    const { tls, prefix = '' } = this.options;
    return `${tls ? 'https' : 'http'}://127.0.0.1:${(this.server.address() as AddressInfo).port}${prefix}`;
  }

  async start(): Promise<this> {
    await new Promise<void>((done) => this.server.listen(0, '127.0.0.1', done));
    return this;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((done) => this.server.close(done));
  }

  /** Spoils every request whose `METHOD /path` matches. */
  spoil(matches: RegExp, fault: Fault): void {
    this.rules.push({ matches, fault });
  }

  /** Spoils one request of so many, with these faults in turn. */
  spoilEvery(every: number, faults: Fault[]): void {
    this.inTurn = { every, faults };
  }

  /** Passes everything on again. */
  reset(): void {
    this.rules = [];
    this.inTurn = undefined;
    this.spoilt.length = 0;
    this.server.closeAllConnections();
  }

  private take(request: IncomingMessage, response: ServerResponse): void {
    const name = `${request.method ?? 'GET'} ${(request.url ?? '/').replace(/\?.*/u, '')}`;
    this.requests++;
    const fault = this.rules.find(({ matches }) => matches.test(name))?.fault ?? this.faultInTurn();
    if (fault) this.spoilt.push(name);
    if (!fault || fault.kind === 'lost') this.passOn(request, response, fault !== undefined);
    else if (fault.kind === 'reset') request.socket.destroy();
    else request.resume().once('end', () => spoilAnswer(fault, response));
  }

  private faultInTurn(): Fault | undefined {
    const { every, faults } = this.inTurn ?? { every: Infinity, faults: [] };
    return this.requests % every === 0 ? faults[this.spoilt.length % faults.length] : undefined;
  }

  private passOn(request: IncomingMessage, response: ServerResponse, losesAnswer: boolean): void {
    const { prefix = '' } = this.options;
    const { method, headers, url = '/' } = request;
    if (!url.startsWith(`${prefix}/`)) {
      response.writeHead(404, { 'content-type': 'text/html' }).end('<!doctype html><html>Nothing here</html>');
      return;
    }
    const path = url.slice(prefix.length);
    const onward = send({ host: this.target.hostname, port: this.target.port, method, path, headers, agent: false }, (answer) => {
      if (losesAnswer) {
        answer.resume().on('end', () => response.destroy());
        return;
      }
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    onward.on('error', () => response.destroy());
    request.pipe(onward);
  }
}

function spoilAnswer(fault: Fault, response: ServerResponse): void {
  if (fault.kind === 'stall') {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(fault.beginning);
    return;
  }
  if (fault.kind !== 'answer') return;
  const isText = typeof fault.body === 'string';
  response.writeHead(fault.status, { 'content-type': isText ? 'text/plain; charset=utf-8' : 'application/json', ...fault.headers });
  response.end(isText ? fault.body : JSON.stringify(fault.body));
}
