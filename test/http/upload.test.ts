import { once } from 'node:events';
import { connect, type AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import type { FastifyInstance } from 'fastify';
import { AppError } from '../../runtime/src/domain/errors.ts';
import type { FileRecord } from '../../runtime/src/domain/file.ts';
import type { JsonObject } from '../../runtime/src/domain/json.ts';
import type { UploadInput } from '../../runtime/src/usecases/use-cases.ts';
import { AUTH, buildTestApp, GOOD_KEY } from './support.ts';

const MAX_BYTES = 3 * 1024 * 1024;
type Received = { filename: string; contentType: string | null; sizeBytes: number; metadata: JsonObject; process: boolean };

const apps: FastifyInstance[] = [];
afterEach(async () => {
  await Promise.all(apps.splice(0).map((app) => app.close()));
});

/** Counts as a store would: reads to the end, then needs the rest of the form. */
function receiver() {
  const received: Received[] = [];
  const failures: unknown[] = [];
  const uploadFile = async (_principal: unknown, input: UploadInput): Promise<FileRecord> => {
    try {
      let sizeBytes = 0;
      for await (const chunk of input.content) {
        sizeBytes += (chunk as Buffer).length;
        if (sizeBytes > MAX_BYTES) throw new AppError('FILE_TOO_LARGE', 'too large', { details: { limitBytes: MAX_BYTES } });
      }
      const metadata = await input.metadata;
      received.push({ filename: input.filename, contentType: input.contentType, sizeBytes, metadata, process: input.process });
      return record({ sizeBytes, metadata, status: input.process ? 'pending' : 'unprocessed' });
    } catch (error) {
      failures.push(error);
      throw error;
    }
  };
  const app = buildTestApp({ uploadFile, waitForFile: async () => record({ status: 'failed', error: 'No text.' }) }, { maxUploadBytes: MAX_BYTES });
  apps.push(app);
  return { app, received, failures };
}

function record(change: Partial<FileRecord>): FileRecord {
  return {
    id: 'f1',
    userId: 'u1',
    filename: 'a.txt',
    contentType: 'text/plain',
    sizeBytes: 1,
    fileHash: 'h',
    textHash: null,
    status: 'pending',
    error: null,
    version: 1,
    metadata: {},
    createdAtMs: 1_787_000_000_900,
    chunkCount: null,
    processingMs: null,
    updatedAtMs: 1_787_000_001_000,
    ...change,
  };
}

type Part = { name: string; filename?: string; type?: string; body: string | Buffer };

function form(parts: Part[], boundary = 'XX'): Buffer {
  const pieces = parts.flatMap(({ name, filename, type, body }) => [
    `--${boundary}\r\nContent-Disposition: form-data; name="${name}"${filename === undefined ? '' : `; filename="${filename}"`}\r\n`,
    type === undefined ? '\r\n' : `Content-Type: ${type}\r\n\r\n`,
    body,
    '\r\n',
  ]);
  return Buffer.concat([...pieces, `--${boundary}--\r\n`].map((piece) => Buffer.from(piece)));
}

async function upload(app: FastifyInstance, payload: Buffer | string, query = '', contentType = 'multipart/form-data; boundary=XX') {
  const answer = await app.inject({ method: 'POST', url: `/api/v1/files/${query}`, headers: { ...AUTH, 'content-type': contentType }, payload });
  return { status: answer.statusCode, body: answer.json() };
}

const FILE: Part = { name: 'file', filename: '資料.txt', type: 'text/plain', body: 'hello' };

describe('an upload', () => {
  it.each([
    ['before', [{ name: 'metadata', body: '{"team":"ice"}' }, FILE]],
    ['after', [FILE, { name: 'metadata', body: '{"team":"ice"}' }]],
  ])('takes metadata that stands %s the file', async (_place, parts) => {
    const { app, received } = receiver();
    expect((await upload(app, form(parts))).status).toBe(200);
    expect(received).toEqual([{ filename: '資料.txt', contentType: 'text/plain', sizeBytes: 5, metadata: { team: 'ice' }, process: true }]);
  });

  it('answers the record in the order of the contract', async () => {
    const { body } = await upload(receiver().app, form([FILE]));
    expect(Object.keys(body)).toEqual(['id', 'user_id', 'hash', 'filename', 'data', 'meta', 'created_at', 'updated_at', 'status', 'path']);
    expect(body).toMatchObject({ hash: null, data: { status: 'pending' }, created_at: 1_787_000_000, updated_at: 1_787_000_001, status: true });
    expect(Object.keys(body.meta)).toEqual(['name', 'content_type', 'size', 'file_hash', 'data']);
  });

  it('without processing has neither status nor path', async () => {
    const { body } = await upload(receiver().app, form([FILE]), '?process=false');
    expect([body.data, 'status' in body, 'path' in body]).toEqual([{}, false, false]);
  });

  it('in the foreground answers what became of the file', async () => {
    const { body } = await upload(receiver().app, form([FILE]), '?process_in_background=false');
    expect(body.data).toEqual({ status: 'failed', error: 'No text.' });
  });

  it('is not kept in memory and may be larger than a JSON body', async () => {
    const { app, received } = receiver();
    await upload(app, form([{ ...FILE, body: Buffer.alloc(MAX_BYTES) }]));
    expect(received[0]?.sizeBytes).toBe(MAX_BYTES);
  });

  it('one byte too large is refused with 413', async () => {
    const { app, received } = receiver();
    const { status, body } = await upload(app, form([{ ...FILE, body: Buffer.alloc(MAX_BYTES + 1) }]));
    expect([status, body.detail, received]).toEqual([413, "Oops! The file you're trying to upload is too large. Please upload a file that is less than 3 MB.", []]);
  });

  it('declared much too large is refused before it is read', async () => {
    const { app, received, failures } = receiver();
    const { status } = await upload(app, form([{ ...FILE, body: Buffer.alloc(MAX_BYTES * 2) }]));
    expect([status, received, failures]).toEqual([413, [], []]);
  });
});

describe('a form that is wrong', () => {
  it.each([
    ['has no file', [{ name: 'other', body: 'x' }], 422, [{ type: 'missing', loc: ['body', 'file'], msg: 'Field required', input: null }]],
    [
      'has a file without a name',
      [{ name: 'file', body: 'x' }],
      422,
      [{ type: 'value_error', loc: ['body', 'file'], msg: "Value error, Expected UploadFile, received: <class 'str'>", input: null, ctx: { error: {} } }],
    ],
    ['has two files', [FILE, FILE], 400, 'Send one file per request.'],
    ['has metadata that is not JSON', [FILE, { name: 'metadata', body: '{' }], 400, '[ERROR: Invalid metadata format]'],
    ['has metadata that is not JSON before the file', [{ name: 'metadata', body: '{' }, FILE], 400, '[ERROR: Invalid metadata format]'],
    ['has metadata that is a list', [FILE, { name: 'metadata', body: '[1]' }], 400, '[ERROR: Error uploading file]'],
    ['has poisoned metadata', [FILE, { name: 'metadata', body: '{"__proto__":{}}' }], 400, '[ERROR: Invalid metadata format]'],
  ])('because it %s stores nothing', async (_title, parts, status, detail) => {
    const { app, received } = receiver();
    expect(await upload(app, form(parts))).toEqual({ status, body: { detail } });
    expect(received).toEqual([]);
  });

  it.each([
    ['a field named __proto__', form([{ name: '__proto__', body: 'x' }, FILE])],
    ['1,001 parts', form([...Array.from({ length: 1001 }, (_, index) => ({ name: `f${index}`, body: 'x' })), FILE])],
    ['a hundred files', form(Array.from({ length: 100 }, () => FILE))],
    ['no end', form([FILE]).subarray(0, -10)],
    ['a middle where it stops', form([{ ...FILE, body: 'x'.repeat(100_000) }]).subarray(0, 50_000)],
    ['only dashes', `--XX${'-'.repeat(1_000_000)}`],
  ])('because it has %s is refused', async (_title, payload) => {
    const { app, received } = receiver();
    const { status, body } = await upload(app, payload);
    expect([400, 413, 422]).toContain(status);
    expect(body.detail).toBeDefined();
    expect(received).toEqual([]);
    expect((await app.inject({ url: '/health' })).statusCode).toBe(200);
  });

  it('because it has no boundary is refused in the words of the contract', async () => {
    expect(await upload(receiver().app, 'x', '', 'multipart/form-data')).toEqual({ status: 400, body: { detail: 'Missing boundary in multipart.' } });
  });

  it('because it is JSON naming a path is refused', async () => {
    const { status } = await upload(receiver().app, '{"file":{"filepath":"/etc/passwd"}}', '', 'application/json');
    expect(status).toBe(422);
  });
});

it('a client that leaves in the middle of an upload stores nothing', async () => {
  const { app, received, failures } = receiver();
  await app.listen({ port: 0, host: '127.0.0.1' });
  const socket = connect((app.server.address() as AddressInfo).port, '127.0.0.1');
  await once(socket, 'connect');
  const body = form([{ ...FILE, body: Buffer.alloc(200_000) }]);
  socket.write(`POST /api/v1/files/ HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${GOOD_KEY}\r\nContent-Type: multipart/form-data; boundary=XX\r\nContent-Length: ${body.length}\r\n\r\n`);
  socket.write(body.subarray(0, 100_000), () => socket.destroy());
  await once(socket, 'close');
  while (failures.length === 0) await new Promise((resolve) => setTimeout(resolve, 10));
  expect(received).toEqual([]);
});
