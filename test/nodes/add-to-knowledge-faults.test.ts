import { describe, expect, it } from '@jest/globals';

import { actions, openKnowledgeBench, outputs } from './support/knowledge-bench.ts';
import { DUPLICATE } from './support/scripted-store.ts';
import { locator } from './support/workflows.ts';

const { server, run } = openKnowledgeBench();
const CRASH = { status: 500, body: 'Internal Server Error' };

describe('Add to Knowledge and a server that fails in between', () => {
  const setUp = () => {
    const base = server.addBase('Manuals');
    const path = `/api/v1/knowledge/${base.id}`;
    return { base, path, knowledge: locator('id', base.id), files: [server.addFile('a.txt', 'A').id, server.addFile('b.txt', 'B').id] };
  };

  it.each([
    ['batch', 'files/batch/add', 2],
    ['single file', 'file/add', 1],
  ])('does not add a %s again when the connection was cut after the work', async (_what, action, count) => {
    const { base, path, knowledge, files } = setUp();
    server.script('POST', `${path}/${action}`, { status: 0, body: null, cut: 'done', times: 1 });
    const result = await run(files.slice(0, count), { knowledge });
    expect(new Set(actions(result))).toEqual(new Set(['added']));
    expect(server.seen('POST', `${path}/${action}`)).toHaveLength(1);
    expect(base.files).toHaveLength(count);
  });

  it.each([
    ['the connection was cut before the work', { status: 0, body: null, cut: 'before' as const }],
    ['the server fell over (trap 13: status 500 as text)', CRASH],
  ])('tries again when %s', async (_what, fault) => {
    const { base, path, knowledge, files } = setUp();
    server.script('POST', `${path}/files/batch/add`, { ...fault, times: 1 });
    expect(actions(await run(files, { knowledge }))).toEqual(['added', 'added']);
    expect(server.seen('POST', `${path}/files/batch/add`)).toHaveLength(2);
    expect(base.files).toHaveLength(2);
  });

  it("fails with the server's words when it goes on failing (trap 13: status 500 as text)", async () => {
    const { path, knowledge, files } = setUp();
    server.script('POST', `${path}/file/add`, CRASH);
    const { error } = await run(files.slice(0, 1), { knowledge });
    expect(error).toMatchObject({ name: 'NodeApiError', message: 'Internal Server Error', httpCode: '500', itemIndex: 0 });
    expect(server.seen('POST', `${path}/file/add`)).toHaveLength(6);
  });

  it.each([429, 503])('gives up after the usual tries when the server stays busy (status %s), and does not go on with single files', async (status) => {
    const { path, knowledge, files } = setUp();
    server.script('POST', `${path}/files/batch/add`, { status, body: { detail: 'busy' }, headers: { 'retry-after': '0' } });
    expect((await run(files, { knowledge })).error).toMatchObject({ message: 'busy', httpCode: String(status) });
    expect(server.seen('POST', `${path}/files/batch/add`).length).toBe(6);
    expect(server.seen('POST', `${path}/file/add`).length).toBe(0);
  });

  it('waits for the server behind a proxy that gave up, instead of sending the batch twice', async () => {
    const { base, path, knowledge, files } = setUp();
    server.script('POST', `${path}/files/batch/add`, { status: 504, body: 'Gateway Time-out' });
    const running = run(files, { knowledge });
    while (server.seen('GET', `${path}/files`).length < 3) await new Promise((done) => setTimeout(done, 5));
    base.files = [...files];
    expect(actions(await running)).toEqual(['added', 'added']);
    expect(server.seen('POST', `${path}/files/batch/add`)).toHaveLength(1);
  });

  it('keeps what was done when the server fails later on, and tells it for the other items', async () => {
    const { path, knowledge, files } = setUp();
    // Only the status is asked for: the file is one of less than three.
    server.script('GET', `/api/v1/files/${files[1]}/process/status`, { status: 400, body: { detail: 'no status' } });
    server.script('POST', `${path}/file/add`, { status: 400, body: { detail: `400: ${DUPLICATE}` } });
    server.script('GET', `${path}/files`, { status: 200, body: { items: [], total: 0 }, times: 1 });
    server.onRequest = ({ path: asked }) => {
      if (asked === `${path}/file/add`) server.script('GET', `${path}/files`, { status: 400, body: { detail: 'no list' } });
    };
    const result = await run(files, { knowledge }, { onError: 'continueRegularOutput' });
    expect(outputs(result).map(({ error }) => error)).toEqual(['no list', 'no status']);
    expect(outputs(result).map(({ id }) => id)).toEqual(files);
  });

  it('does not believe that a file was added which the answer does not name and the list does not have', async () => {
    const { base, path, knowledge, files } = setUp();
    server.script('POST', `${path}/file/add`, { status: 200, body: { files: [] }, times: 1 });
    const { error } = await run(files.slice(0, 1), { knowledge });
    expect(error).toMatchObject({ name: 'NodeApiError', message: 'The server did not add "a.txt" to the knowledge base "Manuals"', itemIndex: 0 });
    expect(actions(await run(files.slice(0, 1), { knowledge }))).toEqual(['added']);
    expect(base.files).toEqual(files.slice(0, 1));
  });

  it('looks the file up in the list where the answer does not name it', async () => {
    const { base, path, knowledge, files } = setUp();
    server.script('POST', `${path}/file/add`, { status: 200, body: { files: [] } });
    server.onRequest = ({ path: asked }) => {
      if (asked === `${path}/file/add`) base.files = files.slice(0, 1);
    };
    expect(outputs(await run(files.slice(0, 1), { knowledge }))[0]).toMatchObject({ action: 'added', fileCount: 1 });
  });

  it('adds no file a second time that a gap in the list hid: a file before it was deleted while the pages were read', async () => {
    server.isAdmin = false;
    const files = Array.from({ length: 75 }, (_, index) => server.addFile(`${index}.txt`, `Text ${index}`));
    const base = server.addBase('Manuals', files);
    const path = `/api/v1/knowledge/${base.id}`;
    server.onRequest = ({ path: asked, query }) => {
      if (asked === `${path}/files` && query['page'] === '2') server.deleteFile(String(files[0]?.id));
    };
    const result = await run([files[30]?.id], { knowledge: locator('id', base.id) });
    expect(outputs(result)[0]).toMatchObject({ action: 'unchanged', fileCount: 74 });
    expect(server.seen('POST', `${path}/file/add`)).toHaveLength(0);
  });

  it.each([[1, 1], [75, 1], [75, 2]])('adds no file a second time when the list of %d files is empty once at page %d (contract 6.2)', async (count, page) => {
    server.isAdmin = false;
    const files = Array.from({ length: count }, (_, index) => server.addFile(`${index}.txt`, `Text ${index}`));
    const base = server.addBase('Manuals', files);
    const path = `/api/v1/knowledge/${base.id}`;
    let isOver = false;
    server.onRequest = ({ path: asked, query }) => {
      if (isOver || asked !== `${path}/files` || query['page'] !== String(page)) return;
      isOver = true;
      server.script('GET', asked, { status: 200, body: { items: [], total: 0 }, times: 1 });
    };
    const result = await run([files[count - 1]?.id], { knowledge: locator('id', base.id) });
    expect(outputs(result)[0]).toMatchObject({ action: 'unchanged', fileCount: count });
    expect(server.seen('POST', `${path}/file/add`)).toHaveLength(0);
  });

  it('repeats what it reads', async () => {
    const { path, knowledge, files } = setUp();
    server.script('GET', path, { ...CRASH, times: 2 });
    server.script('GET', `${path}/files`, { status: 0, body: null, cut: 'before', times: 2 });
    server.script('GET', `/api/v1/files/${files[0]}/process/status`, { status: 502, body: 'Bad Gateway', times: 1 });
    expect(actions(await run(files, { knowledge }))).toEqual(['added', 'added']);
  });

  it('counts a file as removed when the connection was cut after the work', async () => {
    const { base, path, knowledge, files } = setUp();
    base.files = [...files];
    server.script('POST', `${path}/file/remove`, { status: 0, body: null, cut: 'done', times: 1 });
    const result = await run(files.slice(0, 1), { operation: 'remove', knowledge });
    expect(outputs(result)[0]).toMatchObject({ action: 'removed', fileCount: 1 });
    expect(base.files).toEqual(files.slice(1));
  });
});
