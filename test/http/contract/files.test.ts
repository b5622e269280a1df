import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startRuntime, type RunningRuntime } from '../../support/runtime.ts';
import { call, events, fileForm, TEXT, uploadText } from './client.ts';

let runtime: RunningRuntime;
beforeAll(async () => {
  runtime = await startRuntime({ env: { RAG_FILE_MAX_SIZE: '1', RAG_ALLOWED_FILE_EXTENSIONS: 'txt,md,pdf,html' } });
});
afterAll(async () => runtime?.stop());

async function upload(form: FormData, query = '') {
  return call(runtime, 'POST', `/api/v1/files/${query}`, { form });
}

describe('an upload', () => {
  it('is acknowledged at once and completed in the background', async () => {
    const answer = await upload(fileForm('Alpha beta gamma.', 'ä 資料.txt', { team: 'ice' }));
    expect(Object.keys(answer.json)).toEqual(['id', 'user_id', 'hash', 'filename', 'data', 'meta', 'created_at', 'updated_at', 'status', 'path']);
    expect(answer.json).toMatchObject({ hash: null, filename: 'ä 資料.txt', data: { status: 'pending' }, status: true });
    expect(answer.json.meta).toMatchObject({ name: 'ä 資料.txt', content_type: 'text/plain', size: 17, data: { team: 'ice' } });
    const stream = await call(runtime, 'GET', `/api/v1/files/${answer.json.id}/process/status?stream=true`);
    expect(stream.headers.get('content-type')).toBe('text/event-stream');
    expect(stream.text.endsWith('data: {"status":"completed"}\n\n')).toBe(true);
    expect((await call(runtime, 'GET', `/api/v1/files/${answer.json.id}/process/status`)).json).toEqual({ status: 'completed' });
  });

  it('is accepted with and without the slash, never redirected', async () => {
    const answer = await call(runtime, 'POST', '/api/v1/files', { form: fileForm('x y z', 'slash.txt') });
    expect(answer.status).toBe(200);
  });

  it('in the foreground answers the processed record', async () => {
    const file = await uploadText(runtime, 'Delta epsilon.', 'b.txt');
    expect(file.data).toEqual({ status: 'completed', content: 'Delta epsilon.', error: null });
    expect(file.hash).toMatch(/^[0-9a-f]{64}$/);
  });

  it('without processing stays as it is', async () => {
    const { json } = await upload(fileForm('Zeta.', 'c.txt'), '?process=false');
    expect([json.data, json.hash, 'status' in json]).toEqual([{}, null, false]);
    expect((await call(runtime, 'GET', `/api/v1/files/${json.id}/process/status?stream=true`)).text).toBe('');
  });

  it('of blanks alone fails with a reason that the status tells', async () => {
    const { json } = await upload(fileForm('   \n ', 'blank.txt'), '?process_in_background=false');
    expect([json.hash, json.data.status]).toEqual([null, 'failed']);
    const status = await call(runtime, 'GET', `/api/v1/files/${json.id}/process/status`);
    expect(status.json).toEqual({ status: 'failed', error: json.data.error });
    expect(json.data.error).not.toBe('');
  });

  it.each([
    ['without bytes', fileForm('', 'empty.txt'), 400, 'The content provided is empty. Please ensure that there is text or data present before proceeding.'],
    ['of a forbidden type', fileForm('x', 'a.xyz'), 400, '[ERROR: File type xyz is not allowed]'],
    ['one byte too large', fileForm('x'.repeat(1024 ** 2 + 1), 'big.txt'), 413, "Oops! The file you're trying to upload is too large. Please upload a file that is less than 1 MB."],
  ])('%s is refused', async (_title, form, status, detail) => {
    const before = (await call(runtime, 'GET', '/api/v1/files/count')).json;
    const answer = await upload(form);
    expect([answer.status, answer.json]).toEqual([status, { detail }]);
    expect((await call(runtime, 'GET', '/api/v1/files/count')).json).toBe(before);
  });

  it('naming a knowledge base that is not there is refused, and says why', async () => {
    const answer = await upload(fileForm('Eta.', 'd.txt', { knowledge_id: 'nope' }));
    expect([answer.status, answer.json.detail]).toEqual([400, expect.stringContaining('knowledge_id')]);
  });

  it.each(['../../etc/passwd.txt', '..\\..\\x.txt', 'C:\\x.txt'])('named %s keeps only a harmless name', async (name) => {
    const boundary = 'XX';
    const body = `--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="${name}"\r\nContent-Type: text/plain\r\n\r\nTheta ${name.length}\r\n--${boundary}--\r\n`;
    const answer = await call(runtime, 'POST', '/api/v1/files/', { body, headers: { 'content-type': `multipart/form-data; boundary=${boundary}` } });
    expect(answer.status).toBe(200);
    expect(answer.json.filename).toMatch(/^[^/\\]+\.txt$/);
  });
});

describe('reading', () => {
  let id = '';
  beforeAll(async () => {
    id = (await uploadText(runtime, '0123456789', 'digits.txt')).id;
  });

  it('gives the record with path, text and collection', async () => {
    const { json } = await call(runtime, 'GET', `/api/v1/files/${id}`);
    expect(Object.keys(json)).toEqual(['id', 'user_id', 'hash', 'filename', 'path', 'data', 'meta', 'created_at', 'updated_at']);
    expect(json).toMatchObject({ data: { status: 'completed', content: '0123456789', error: null }, meta: { collection_name: `file-${id}` } });
    expect((await call(runtime, 'GET', `/api/v1/files/${id}/data/content`)).json).toEqual({ content: '0123456789' });
  });

  it('lists newest changes first, with text only if wanted', async () => {
    const full = (await call(runtime, 'GET', '/api/v1/files/')).json;
    const brief = (await call(runtime, 'GET', '/api/v1/files/?content=false')).json;
    expect(full.items[0]).toMatchObject({ id, data: { content: '0123456789' } });
    expect(brief.items[0].data).toEqual({ status: 'completed', error: null });
    expect([full.total, 'path' in full.items[0]]).toEqual([brief.total, false]);
    expect((await call(runtime, 'GET', '/api/v1/files/count')).json).toBe(full.total);
  });

  it('searches whole names with wildcards and answers 404 for none', async () => {
    expect((await call(runtime, 'GET', '/api/v1/files/search?filename=DIG*.txt')).json.map((file: { id: string }) => file.id)).toEqual([id]);
    for (const pattern of ['dig', '%25', '_igits.txt', '[d]igits.txt']) {
      const answer = await call(runtime, 'GET', `/api/v1/files/search?filename=${pattern}`);
      expect([answer.status, answer.json]).toEqual([404, { detail: 'No files found matching the pattern.' }]);
    }
  });

  it('serves the bytes, ranges of them, and nothing when the client has them', async () => {
    const path = `/api/v1/files/${id}/content`;
    const whole = await call(runtime, 'GET', path);
    expect([whole.text, whole.headers.get('content-disposition'), whole.headers.get('accept-ranges')]).toEqual(['0123456789', null, 'bytes']);
    const part = await call(runtime, 'GET', path, { headers: { range: 'bytes=2-4' } });
    expect([part.status, part.text, part.headers.get('content-range'), part.headers.get('content-length')]).toEqual([206, '234', 'bytes 2-4/10', '3']);
    expect((await call(runtime, 'GET', path, { headers: { range: 'bytes=-3' } })).text).toBe('789');
    const beyond = await call(runtime, 'GET', path, { headers: { range: 'bytes=10-' } });
    expect([beyond.status, beyond.headers.get('content-range')]).toEqual([416, 'bytes */10']);
    const known = await call(runtime, 'GET', path, { headers: { 'if-none-match': whole.headers.get('etag') ?? '' } });
    expect([known.status, known.text]).toEqual([304, '']);
    const head = await call(runtime, 'HEAD', path);
    expect([head.status, head.text, head.headers.get('content-length')]).toEqual([200, '', '10']);
  });

  it('serves HTML as a download that no browser runs', async () => {
    const form = fileForm('<script>alert(1)</script>hello', 'page.html', undefined, 'text/html');
    const { json } = await upload(form, '?process=false');
    const { headers } = await call(runtime, 'GET', `/api/v1/files/${json.id}/content`);
    expect(headers.get('content-type')).toBe('application/octet-stream');
    expect(headers.get('content-disposition')).toBe("attachment; filename*=UTF-8''page.html");
    expect([headers.get('x-content-type-options'), headers.get('content-security-policy')]).toEqual(['nosniff', "sandbox; default-src 'none'"]);
  });

  it.each(['nope', '..%2Fx', 'null', "'%20or%201=1", 'a'.repeat(4000)])('answers 404 to an odd id (%#)', async (odd) => {
    for (const suffix of ['', '/content', '/process/status', '/data/content']) {
      expect((await call(runtime, 'GET', `/api/v1/files/${odd}${suffix}`)).status).toBe(404);
    }
  });
});

describe('changing', () => {
  it('renames and deletes for good', async () => {
    const { id } = await uploadText(runtime, 'Iota kappa.', 'e.txt');
    expect((await call(runtime, 'POST', `/api/v1/files/${id}/rename`, { json: { filename: 'f.txt' } })).json).toMatchObject({ id, filename: 'f.txt' });
    expect((await call(runtime, 'DELETE', `/api/v1/files/${id}`)).json).toEqual({ message: 'File deleted successfully' });
    const gone = await call(runtime, 'GET', `/api/v1/files/${id}`);
    expect([gone.status, gone.json]).toEqual([404, { detail: TEXT.notFound }]);
    expect((await call(runtime, 'DELETE', `/api/v1/files/${id}`)).status).toBe(404);
    const query = await call(runtime, 'POST', '/api/v1/retrieval/query/doc', { json: { collection_name: `file-${id}`, query: 'Iota kappa' } });
    expect(query.text).toBe('null');
  });
});

it('the stream of a file that fails tells why', async () => {
  const { json } = await upload(fileForm('%PDF-1.4\n1 0 obj << broken', 'broken.pdf', undefined, 'application/pdf'));
  const stream = await call(runtime, 'GET', `/api/v1/files/${json.id}/process/status?stream=true`);
  expect(events(stream.text).at(-1)).toMatchObject({ status: 'failed', error: expect.any(String) });
});
