import type { IncomingMessage } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A server that takes one upload of any size and only counts its bytes. */
export class CountingServer {
  uploadBytes = 0;
  private readonly server = createServer((request, response) => {
    this.take(request).then(
      ({ status, body }) => response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body)),
      () => response.destroy(),
    );
  });

  async start(): Promise<string> {
    await new Promise<void>((done) => this.server.listen(0, '127.0.0.1', done));
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((done) => this.server.close(done));
  }

  private async take(request: IncomingMessage): Promise<{ status: number; body: unknown }> {
    let sizeBytes = 0;
    for await (const piece of request) sizeBytes += (piece as Buffer).length;
    const url = request.url ?? '';
    if (request.method === 'POST') this.uploadBytes += sizeBytes;
    else if (url.includes('/search')) return { status: 404, body: { detail: 'No files found matching the pattern.' } };
    else if (url.endsWith('/process/status')) return { status: 200, body: { status: 'completed' } };
    return { status: 200, body: { id: 'file-1', user_id: 'user-1', filename: 'big.bin', hash: null, data: { status: 'completed' }, meta: {} } };
  }
}
