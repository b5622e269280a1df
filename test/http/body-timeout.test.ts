import { connect, type AddressInfo, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import type { FastifyInstance } from 'fastify';
import { buildTestApp, GOOD_KEY } from './support.ts';

let app: FastifyInstance;
afterEach(async () => app.close());

async function open(request: string, sizeBytes = 100_000, requestTimeoutMs = 100): Promise<Socket> {
  app = buildTestApp({}, { requestTimeoutMs });
  await app.listen({ port: 0, host: '127.0.0.1' });
  const socket = connect((app.server.address() as AddressInfo).port, '127.0.0.1');
  socket.on('error', () => undefined);
  socket.write(`${request}Host: x\r\nAuthorization: Bearer ${GOOD_KEY}\r\nContent-Length: ${sizeBytes}\r\n\r\n`);
  return socket;
}

/** Resolves at the end of the connection, by a reset as well: `once` would reject with the reset, which comes when the end crosses a write. */
function closed(socket: Socket): Promise<void> {
  return new Promise((resolve) => socket.once('close', () => resolve()));
}

describe('a body that does not arrive', () => {
  it('ends the connection of a JSON call, however it drips', async () => {
    const socket = await open('POST /api/chat/completions HTTP/1.1\r\nContent-Type: application/json\r\n');
    const drip = setInterval(() => socket.write(' '.repeat(200)), 20);
    await closed(socket);
    clearInterval(drip);
    expect(app.server.listening).toBe(true);
  });

  it('ends the connection of an upload that stands still', async () => {
    const socket = await open('POST /api/v1/files/ HTTP/1.1\r\nContent-Type: multipart/form-data; boundary=X\r\n');
    await closed(socket);
    expect(app.server.listening).toBe(true);
  });

  it('does not end an upload that keeps moving', async () => {
    const socket = await open('POST /api/v1/files/ HTTP/1.1\r\nContent-Type: multipart/form-data; boundary=X\r\n');
    let isClosed = false;
    socket.once('close', () => (isClosed = true));
    for (let round = 0; round < 20; round += 1) {
      socket.write('x'.repeat(1000));
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
    expect(isClosed).toBe(false);
    socket.destroy();
  });
});

describe('a body that is too large', () => {
  it('is read away after the answer, so that a client that is still sending gets it, and the connection goes on', async () => {
    const sizeBytes = 4_000_000;
    const socket = await open('POST /api/v1/retrieval/query/doc HTTP/1.1\r\nContent-Type: application/json\r\n', sizeBytes, 10_000);
    let received = '';
    socket.on('data', (piece: Buffer) => (received += piece.toString('utf8')));
    const ended = closed(socket);
    while (!received.includes('too large')) await new Promise((resolve) => setTimeout(resolve, 5));
    socket.write('x'.repeat(sizeBytes));
    socket.write('GET /health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
    await ended;
    expect(received.match(/HTTP\/1\.1 \d+/gu)).toEqual(['HTTP/1.1 413', 'HTTP/1.1 200']);
  });
});
