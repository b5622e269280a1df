import type { IncomingMessage } from 'node:http';
import type { FastifyInstance } from 'fastify';

/** An upload slower than this over a whole period is cut off; a modem is faster. */
const MIN_UPLOAD_BYTES_PER_SECOND = 1024;

/**
 * Cuts connections whose body does not arrive. Node's own requestTimeout would end a large upload over a slow line that is
 * doing well, so uploads are judged by their pace and everything else by the time it takes.
 */
export function addBodyTimeout(app: FastifyInstance, timeoutMs: number): void {
  app.addHook('onRequest', (request, _reply, done) => {
    const { raw } = request;
    const hasBody = raw.headers['transfer-encoding'] !== undefined || Number(raw.headers['content-length'] ?? 0) > 0;
    if (hasBody && !raw.complete && timeoutMs > 0) watch(raw, timeoutMs);
    done();
  });
}

function watch(raw: IncomingMessage, timeoutMs: number): void {
  const isUpload = (raw.headers['content-type'] ?? '').toLowerCase().startsWith('multipart/');
  const minBytes = (timeoutMs / 1000) * MIN_UPLOAD_BYTES_PER_SECOND;
  let seenBytes = raw.socket.bytesRead;
  const timer = setInterval(() => {
    const arrivedBytes = raw.socket.bytesRead - seenBytes;
    seenBytes = raw.socket.bytesRead;
    if (raw.complete) clearInterval(timer);
    else if (!isUpload || arrivedBytes < minBytes) raw.destroy();
  }, timeoutMs).unref();
  raw.once('close', () => clearInterval(timer));
  raw.once('end', () => clearInterval(timer));
}
