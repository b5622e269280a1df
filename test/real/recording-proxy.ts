import { createServer, request as forward } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A request on its way to the real server, and how its client left it. */
export type PassedRequest = { path: string; ended: Promise<'finished' | 'aborted'> };

export type RecordingProxy = { url: string; requests: PassedRequest[]; close(): Promise<void> };

/** Passes everything on to a real server unchanged, and records whether clients waited for the end of the answers. */
export async function startRecordingProxy(target: string): Promise<RecordingProxy> {
  const requests: PassedRequest[] = [];
  const server = createServer((incoming, outgoing) => {
    const path = incoming.url ?? '/';
    const ended = new Promise<'finished' | 'aborted'>((resolve) => outgoing.on('close', () => resolve(outgoing.writableFinished ? 'finished' : 'aborted')));
    requests.push({ path, ended });
    const upstream = forward(new URL(path, target), { method: incoming.method, headers: incoming.headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
    });
    upstream.on('error', () => outgoing.destroy());
    outgoing.on('close', () => upstream.destroy());
    incoming.pipe(upstream);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
