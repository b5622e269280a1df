import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startRuntime, type RunningRuntime } from '../support/runtime.ts';
import { call, fileForm, TEXT, type Answer } from '../http/contract/client.ts';
import { chat, createKnowledge, signUp } from '../fault/service.ts';

/** Stands in Ann's documents only; nobody else may ever get it. */
const CANARY = 'vermilion-pangolin-7731';
const QUESTION = 'What is the code word of the vault?';

let runtime: RunningRuntime;
let ann = '';
let bob = '';
let bobId = '';
let annFile = '';
let annBase = '';
let bobFile = '';
let bobBase = '';
beforeAll(async () => {
  runtime = await startRuntime({ env: { ENABLE_SIGNUP: 'true', DEFAULT_USER_ROLE: 'user' } });
  ann = await signUp(runtime, 'ann');
  bob = await signUp(runtime, 'bob');
  bobId = (await call(runtime, 'GET', '/api/v1/auths/', { key: bob })).json.id as string;
  annBase = (await createKnowledge(runtime, 'Vaults', ann)).id as string;
  bobBase = (await createKnowledge(runtime, 'Boats', bob)).id as string;
  annFile = await upload(ann, `The code word of the vault is ${CANARY}.`, 'vault.txt', { knowledge_id: annBase });
  bobFile = await upload(bob, 'The boat is called Heron.', 'boat.txt', { knowledge_id: bobBase });
});
afterAll(async () => runtime?.stop());

async function upload(key: string, text: string, filename: string, metadata: object): Promise<string> {
  const answer = await call(runtime, 'POST', '/api/v1/files/?process_in_background=false', { key, form: fileForm(text, filename, metadata) });
  expect([answer.status, answer.json.data.status]).toEqual([200, 'completed']);
  return answer.json.id as string;
}

const as = (key: string, method: string, path: string, json?: unknown): Promise<Answer> => call(runtime, method, path, { key, ...(json === undefined ? {} : { json }) });
const grant = (permission: string, principalId = bobId): object => ({ access_grants: [{ principal_type: 'user', principal_id: principalId, permission }] });
const share = (permission: string): Promise<Answer> => as(ann, 'POST', `/api/v1/knowledge/${annBase}/access/update`, grant(permission));
const unshare = (): Promise<Answer> => as(ann, 'POST', `/api/v1/knowledge/${annBase}/access/update`, { access_grants: [] });

/** Every call by which somebody might read a file or a knowledge base of another user. */
function readings(fileId: string, knowledgeId: string): Array<[method: string, path: string, json?: unknown]> {
  const ask = (files: unknown, more: object = {}): object => ({ model: 'builtin/extractive', messages: [{ role: 'user', content: QUESTION }], files, ...more });
  return [
    ...['', '/content', '/content/vault.txt', '/data/content', '/process/status', '/process/status?stream=true'].map((part): [string, string] => ['GET', `/api/v1/files/${fileId}${part}`]),
    ...['/', '/?page=2', '/search?filename=*', '/search?filename=vault.txt', '/user/search', '/count', '/user/count'].map((part): [string, string] => ['GET', `/api/v1/files${part}`]),
    ['POST', `/api/v1/files/${fileId}/rename`, { filename: 'stolen.txt' }],
    ['GET', `/api/v1/knowledge/${knowledgeId}`],
    ['GET', `/api/v1/knowledge/${knowledgeId}/files`],
    ['GET', '/api/v1/knowledge/'],
    ['GET', '/api/v1/knowledge/search?query=Vaults'],
    ['POST', `/api/v1/knowledge/${knowledgeId}/update`, { name: 'x', description: 'x' }],
    ['POST', `/api/v1/knowledge/${knowledgeId}/access/update`, grant('read')],
    ['POST', `/api/v1/knowledge/${knowledgeId}/file/add`, { file_id: bobFile }],
    ['POST', `/api/v1/knowledge/${knowledgeId}/file/remove`, { file_id: fileId }],
    ['POST', `/api/v1/knowledge/${knowledgeId}/files/batch/add`, [{ file_id: bobFile }]],
    ['POST', `/api/v1/knowledge/${bobBase}/file/add`, { file_id: fileId }],
    ['POST', `/api/v1/knowledge/${bobBase}/files/batch/add`, [{ file_id: bobFile }, { file_id: fileId }]],
    ...[knowledgeId, `file-${fileId}`].flatMap((name): Array<[string, string, unknown]> => [
      ['POST', '/api/v1/retrieval/query/doc', { collection_name: name, query: QUESTION }],
      ['POST', '/api/v1/retrieval/query/collection', { collection_names: [bobBase, name], query: QUESTION }],
    ]),
    ...[{ type: 'file', id: fileId }, { type: 'collection', id: knowledgeId }].flatMap((entry): Array<[string, string, unknown]> => [
      ['POST', '/api/chat/completions', ask([entry])],
      ['POST', '/api/chat/completions', ask([{ ...entry, context: 'full' }])],
      ['POST', '/api/chat/completions', ask([{ type: 'collection', id: bobBase }, entry], { stream: true })],
    ]),
    ['POST', '/api/chat/completions', ask([{ type: 'text', collection_name: knowledgeId, content: 'nothing' }], { metadata: { files: [{ type: 'file', id: fileId }] }, chat_id: fileId })],
  ];
}

const sourceCount = (answer: Answer): number => (answer.json.sources ?? []).length as number;

describe('what belongs to another user', () => {
  it('is not given to anybody else by any route, and not to a caller without a credential', async () => {
    for (const [method, path, json] of readings(annFile, annBase)) {
      for (const key of [bob, null]) {
        const answer = await call(runtime, method, path, { key, ...(json === undefined ? {} : { json }) });
        expect({ method, path, found: answer.text.includes(CANARY) || answer.text.includes('vault.txt') }).toEqual({ method, path, found: false });
        if (key === null) expect([method, path, answer.status]).toEqual([method, path, 401]);
      }
    }
    expect((await as(ann, 'GET', `/api/v1/files/${annFile}/data/content`)).text).toContain(CANARY);
    expect((await as(ann, 'GET', `/api/v1/knowledge/${annBase}/files`)).json.total).toBe(1);
  });

  it('is answered like something that does not exist', async () => {
    const unknown = randomUUID();
    const masked = (answer: Answer, id: string): [number, string] => [answer.status, answer.text.replaceAll(id, 'ID')];
    const [foreign, random] = [readings(annFile, annBase), readings(unknown, annBase)];
    for (const [at, [method, path, json]] of foreign.entries()) {
      const other = random[at];
      // Not of the file at all, or answered for its own text without looking at what is foreign in it.
      if (other === undefined || !`${path}${JSON.stringify(json ?? '')}`.includes(annFile) || path.includes('/remove') || JSON.stringify(json ?? '').includes('chat_id')) continue;
      const answers = [await as(bob, method, path, json), await as(bob, other[0], other[1], other[2])];
      expect([path, masked(answers[0] as Answer, annFile)]).toEqual([path, masked(answers[1] as Answer, unknown)]);
    }
  });

  it('cannot be filled by an upload that names it, which then stores nothing', async () => {
    const before = (await as(bob, 'GET', '/api/v1/files/count')).json;
    const answer = await call(runtime, 'POST', '/api/v1/files/', { key: bob, form: fileForm('Poison.', 'poison.txt', { knowledge_id: annBase, file_hash: 'f'.repeat(64) }) });
    expect([answer.status, (await as(bob, 'GET', '/api/v1/files/count')).json]).toEqual([400, before]);
  });

  it('has a hash of its bytes, whatever the client says it is', async () => {
    const answer = await call(runtime, 'POST', '/api/v1/files/', { key: bob, form: fileForm('abc', 'abc.txt', { file_hash: 'f'.repeat(64) }) });
    expect(answer.json.meta.file_hash).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
  });
});

describe('what was lent to read', () => {
  beforeAll(() => share('read'));

  it('can be read and asked', async () => {
    expect((await as(bob, 'GET', `/api/v1/files/${annFile}/data/content`)).text).toContain(CANARY);
    expect(sourceCount(await chat(runtime, QUESTION, [{ type: 'collection', id: annBase }], bob))).toBe(1);
  });

  it('can be neither changed nor deleted', async () => {
    const attempts: Array<[string, string, unknown?]> = [
      ['DELETE', `/api/v1/files/${annFile}`],
      ['POST', `/api/v1/files/${annFile}/rename`, { filename: 'x.txt' }],
      ['POST', `/api/v1/knowledge/${annBase}/update`, { name: 'Mine', description: '' }],
      ['POST', `/api/v1/knowledge/${annBase}/file/add`, { file_id: bobFile }],
      ['POST', `/api/v1/knowledge/${annBase}/file/remove`, { file_id: annFile }],
      ['POST', `/api/v1/knowledge/${annBase}/reset`, {}],
      ['DELETE', `/api/v1/knowledge/${annBase}/delete`],
    ];
    for (const [method, path, json] of attempts) expect([path, [400, 404].includes((await as(bob, method, path, json)).status)]).toEqual([path, true]);
    expect((await as(ann, 'GET', `/api/v1/knowledge/${annBase}/files`)).json.items).toMatchObject([{ filename: 'vault.txt' }]);
  });

  it('cannot be put into a knowledge base of one’s own, where it would stay', async () => {
    const single = await as(bob, 'POST', `/api/v1/knowledge/${bobBase}/file/add`, { file_id: annFile });
    const batch = await as(bob, 'POST', `/api/v1/knowledge/${bobBase}/files/batch/add`, [{ file_id: annFile }]);
    expect([single.status, single.json, batch.status]).toEqual([400, { detail: TEXT.notFound }, 400]);
  });

  it('is gone with the grant, at the very next call', async () => {
    await unshare();
    for (const [method, path, json] of readings(annFile, annBase)) expect([path, (await as(bob, method, path, json)).text.includes(CANARY)]).toEqual([path, false]);
  });
});

describe('the right to write', () => {
  beforeAll(() => share('write'));
  afterAll(() => unshare());

  it('does not let others in', async () => {
    const opened = await as(bob, 'POST', `/api/v1/knowledge/${annBase}/access/update`, grant('read', '*'));
    expect([opened.status, opened.json]).toEqual([400, { detail: TEXT.accessProhibited }]);
    expect((await as(ann, 'GET', `/api/v1/knowledge/${annBase}`)).json.access_grants).toMatchObject([{ principal_id: bobId, permission: 'write' }]);
  });

  it('changes name and description with a form that sends the same grants along', async () => {
    const renamed = await as(bob, 'POST', `/api/v1/knowledge/${annBase}/update`, { name: 'Vaults 2', description: '', ...grant('write') });
    expect([renamed.status, renamed.json.name]).toEqual([200, 'Vaults 2']);
  });

  it('takes a file out without deleting what another user owns', async () => {
    expect((await as(bob, 'POST', `/api/v1/knowledge/${annBase}/file/remove`, { file_id: annFile })).status).toBe(200);
    expect((await as(ann, 'GET', `/api/v1/files/${annFile}`)).json.filename).toBe('vault.txt');
    expect((await as(ann, 'POST', `/api/v1/knowledge/${annBase}/file/add`, { file_id: annFile })).status).toBe(200);
  });
});

it('a grant to anyone without an account opens nothing and lists nothing', async () => {
  const json = { access_grants: [{ principal_type: 'anyone', principal_id: '*', permission: 'read' }] };
  expect((await as(ann, 'POST', `/api/v1/knowledge/${annBase}/access/update`, json)).json.access_grants).toEqual([]);
  expect((await as(bob, 'GET', '/api/v1/knowledge/')).json.items.map((item: { id: string }) => item.id)).toEqual([bobBase]);
});

it('collections of kinds that a user cannot own are refused like foreign ones', async () => {
  for (const name of [`user-memory-${bobId}`, 'user-memory-x', `web-search-${bobId}-x`, 'knowledge-bases', randomUUID(), `kb-${annBase}`]) {
    const answer = await as(bob, 'POST', '/api/v1/retrieval/query/doc', { collection_name: name, query: QUESTION });
    expect([name, answer.status, answer.json]).toEqual([name, 403, { detail: TEXT.accessProhibited }]);
  }
});
