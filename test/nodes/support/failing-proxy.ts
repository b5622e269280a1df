import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, request as forward } from 'node:http';
import type { AddressInfo } from 'node:net';

/** The ways in which a request fails, in turn. `cut after` is the worst: the server has done the work. */
const FAULTS = ['500', 'cut after', '503', 'cut before'] as const;

/** Passes everything on to a server, but lets every tenth request fail. */
export class FailingProxy {
  /** Requests so far, and those of them that were made to fail. */
  requests = 0;
  failures = 0;
  private readonly target: string;
  private readonly server = createServer((incoming, outgoing) => this.take(incoming, outgoing));

  constructor(target: string) {
    this.target = target;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async start(): Promise<this> {
    await new Promise<void>((done) => this.server.listen(0, '127.0.0.1', done));
    return this;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((done) => this.server.close(done));
  }

  private take(incoming: IncomingMessage, outgoing: ServerResponse): void {
    const fault = ++this.requests % 10 === 0 ? FAULTS[this.failures++ % FAULTS.length] : undefined;
    if (fault === 'cut before') {
      incoming.destroy();
      return;
    }
    if (fault === '500' || fault === '503') {
      incoming.resume().on('end', () => outgoing.writeHead(Number(fault), { 'content-type': 'text/plain' }).end('Internal Server Error'));
      return;
    }
    this.pass(incoming, outgoing, fault === 'cut after');
  }

  private pass(incoming: IncomingMessage, outgoing: ServerResponse, cuts: boolean): void {
    const options = { method: incoming.method, headers: incoming.headers, agent: false } as const;
    const upstream = forward(new URL(incoming.url ?? '/', this.target), options, (answer) => {
      if (cuts) {
        answer.resume().on('end', () => outgoing.destroy());
        return;
      }
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
    });
    upstream.on('error', () => outgoing.destroy());
    incoming.pipe(upstream);
  }
}
