import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

const MOST_MS_FOR_OTHERS = 5_000;

/** A server that takes uploads of any size and only counts their bytes. */
export class CountingServer {
  uploadBytes = 0;
  /** Most uploads that were under way at the same time. */
  mostAtOnce = 0;
  /** Uploads are kept waiting, for some seconds at most, until so many have been under way together. */
  waitsForAtOnce = 0;
  /** How long an upload is then kept waiting for its answer, in milliseconds. */
  answerAfterMs = 0;
  /** When true, no more than the first bytes of an upload are taken. */
  stalls = false;
  /** The size that the search tells of a file called big.bin; none by default. */
  knownSizeBytes: number | undefined;
  private atOnce = 0;
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
    const url = request.url ?? '';
    if (request.method === 'POST') await this.upload(request);
    else if (url.includes('/search')) return this.search();
    else if (url.endsWith('/process/status')) return { status: 200, body: { status: 'completed' } };
    return { status: 200, body: { id: 'file-1', user_id: 'user-1', filename: 'big.bin', hash: null, data: { status: 'completed' }, meta: {} } };
  }

  private search(): { status: number; body: unknown } {
    const size = this.knownSizeBytes;
    if (size === undefined) return { status: 404, body: { detail: 'No files found matching the pattern.' } };
    return { status: 200, body: [{ id: 'file-0', filename: 'big.bin', data: { status: 'completed' }, meta: { size, file_hash: 'other' } }] };
  }

  private async upload(request: IncomingMessage): Promise<void> {
    this.mostAtOnce = Math.max(this.mostAtOnce, ++this.atOnce);
    try {
      for await (const piece of request) {
        this.uploadBytes += (piece as Buffer).length;
        if (this.stalls) await once(request, 'close');
      }
      const endAt = Date.now() + MOST_MS_FOR_OTHERS;
      while (this.mostAtOnce < this.waitsForAtOnce && Date.now() < endAt) await new Promise((done) => setTimeout(done, 5));
      if (this.answerAfterMs > 0) await new Promise((done) => setTimeout(done, this.answerAfterMs));
    } finally {
      this.atOnce--;
    }
  }
}
