import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startRuntime, type RunningRuntime } from '../support/runtime.ts';
import { TEXT } from '../http/contract/client.ts';
import { call, chat, createKnowledge, fileForm, settledStatus, signUp, uploadPending, uploadText } from './service.ts';

const UNKNOWN = randomUUID();
let runtime: RunningRuntime;
let stranger = '';
let fileId = '';
let knowledgeId = '';
beforeAll(async () => {
  runtime = await startRuntime({ env: { RAG_FILE_MAX_SIZE: '1', ENABLE_SIGNUP: 'true', DEFAULT_USER_ROLE: 'user' } });
  knowledgeId = (await createKnowledge(runtime, 'Secrets')).id;
  fileId = (await uploadText(runtime, 'The safe opens with the number 99731.', 'safe.txt', { knowledge_id: knowledgeId })).id;
  stranger = await signUp(runtime, 'stranger');
});
afterAll(async () => runtime?.stop());

describe('a caller', () => {
  it.each(['sk-00000000000000000000000000000000', 'nonsense', ''])('with the wrong key "%s" gets 401 and nothing else', async (key) => {
    const answer = await call(runtime, 'GET', '/api/v1/files/', { key });
    expect([answer.status, Object.keys(answer.json)]).toEqual([401, ['detail']]);
  });

  it('with a wrong API key reads the sentence of the contract', async () => {
    const answer = await call(runtime, 'GET', '/api/models', { key: 'sk-00000000000000000000000000000000' });
    expect([answer.status, answer.json]).toEqual([401, { detail: TEXT.invalidToken }]);
  });

  it('without a key gets 401', async () => {
    const answer = await call(runtime, 'POST', '/api/chat/completions', { key: null, json: {} });
    expect([answer.status, answer.json]).toEqual([401, { detail: 'Not authenticated' }]);
  });

  it('who asks an unknown model is told so', async () => {
    const answer = await call(runtime, 'POST', '/api/chat/completions', { json: { model: 'no-such-model', messages: [{ role: 'user', content: 'Hello' }] } });
    expect([answer.status, answer.json]).toEqual([400, { detail: 'Model not found' }]);
  });

  it.each([
    ['file', { type: 'file', id: UNKNOWN }, `There is no file with the id "${UNKNOWN}".`],
    ['collection', { type: 'collection', id: UNKNOWN }, `There is no collection with the id "${UNKNOWN}".`],
  ])('who names an unknown %s in a chat is told which', async (_kind, entry, detail) => {
    const answer = await chat(runtime, 'What opens the safe?', [entry]);
    expect([answer.status, answer.json]).toEqual([400, { detail }]);
  });
});

describe('another user', () => {
  it('cannot chat with a foreign file or collection, and cannot tell it from an unknown one', async () => {
    for (const [type, name, id] of [['file', 'file', fileId], ['collection', 'collection', knowledgeId]]) {
      const answer = await chat(runtime, 'What opens the safe?', [{ type, id }], stranger);
      expect([answer.status, answer.json]).toEqual([400, { detail: `There is no ${name} with the id "${id}".` }]);
    }
  });

  it.each([
    ['GET', (id: string) => `/api/v1/files/${id}`],
    ['GET', (id: string) => `/api/v1/files/${id}/content`],
    ['GET', (id: string) => `/api/v1/files/${id}/data/content`],
    ['GET', (id: string) => `/api/v1/files/${id}/process/status`],
    ['DELETE', (id: string) => `/api/v1/files/${id}`],
  ])('gets the same 404 for a foreign file as for an unknown one: %s %s', async (method, path) => {
    for (const id of [fileId, UNKNOWN]) {
      const answer = await call(runtime, method, path(id), { key: stranger });
      expect([answer.status, answer.json]).toEqual([404, { detail: TEXT.notFound }]);
    }
  });

  it('can neither read nor fill nor search a foreign knowledge base', async () => {
    const read = await call(runtime, 'GET', `/api/v1/knowledge/${knowledgeId}`, { key: stranger });
    expect([read.status, read.json]).toEqual([401, { detail: TEXT.accessProhibited }]);
    const own = await call(runtime, 'POST', '/api/v1/files/?process_in_background=false', { key: stranger, form: fileForm('Mine.', 'mine.txt') });
    const add = await call(runtime, 'POST', `/api/v1/knowledge/${knowledgeId}/file/add`, { key: stranger, json: { file_id: own.json.id } });
    expect([add.status, add.json]).toEqual([400, { detail: TEXT.accessProhibited }]);
    const query = await call(runtime, 'POST', '/api/v1/retrieval/query/doc', { key: stranger, json: { collection_name: knowledgeId, query: 'safe' } });
    expect(query.status).toBe(403);
  });

  it('cannot put a foreign file into a knowledge base of their own', async () => {
    const own = await createKnowledge(runtime, 'Own', stranger);
    const answer = await call(runtime, 'POST', `/api/v1/knowledge/${own.id}/file/add`, { key: stranger, json: { file_id: fileId } });
    expect([answer.status, answer.json]).toEqual([400, { detail: TEXT.notFound }]);
    const files = await call(runtime, 'GET', `/api/v1/knowledge/${own.id}/files`, { key: stranger });
    expect(files.json.items).toEqual([]);
  });
});

describe('an upload', () => {
  it('over the limit is refused in the words of the contract and leaves nothing', async () => {
    const before = (await call(runtime, 'GET', '/api/v1/files/count')).json;
    const answer = await call(runtime, 'POST', '/api/v1/files/', { form: fileForm('x'.repeat(1024 * 1024 + 1), 'big.txt') });
    expect([answer.status, answer.json]).toEqual([413, { detail: "Oops! The file you're trying to upload is too large. Please upload a file that is less than 1 MB." }]);
    expect((await call(runtime, 'GET', '/api/v1/files/count')).json).toBe(before);
  });

  const png = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==', 'base64');
  it.each([
    ['a picture', png, 'photo.png', 'image/png', 'This is a PNG image, which cannot be read as text. Supported are PDF, Word (.docx), HTML, Markdown, CSV, JSON and plain text (source code, YAML, XML and logs too).'],
    ['a broken PDF', Buffer.from('%PDF-1.7\n1 0 obj << broken'), 'broken.pdf', 'application/pdf', 'The PDF is damaged or incomplete and could not be read. Upload it again or export it anew.'],
    ['blanks alone', Buffer.from(' \n\t\n '), 'blank.txt', 'text/plain', 'The file holds no text.'],
  ])('of %s ends as failed, with the reason in the status, in a chat and in an add', async (_kind, bytes, filename, type, error) => {
    const id = await uploadPending(runtime, bytes, filename, undefined, type);
    expect(await settledStatus(runtime, id)).toEqual({ status: 'failed', error });
    const inChat = await chat(runtime, 'What does it say?', [{ type: 'file', id }]);
    expect([inChat.status, inChat.json]).toEqual([400, { detail: `The file ${filename} could not be processed: ${error}` }]);
    const inAdd = await call(runtime, 'POST', `/api/v1/knowledge/${knowledgeId}/file/add`, { json: { file_id: id } });
    expect([inAdd.status, inAdd.json]).toEqual([400, { detail: `The file ${filename} could not be processed: ${error}` }]);
  });
});
