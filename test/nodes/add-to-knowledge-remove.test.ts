import { describe, expect, it } from '@jest/globals';

import type { Json, RunResult } from './support/engine-types.ts';
import { actions, openKnowledgeBench, outputs } from './support/knowledge-bench.ts';
import { collectionAnswer } from './support/scripted-retrieval.ts';
import { locator } from './support/workflows.ts';

const { server, run } = openKnowledgeBench();
const remove = async (ids: unknown[], parameters: Json, more: Json = {}): Promise<RunResult> => await run(ids, { operation: 'remove', ...parameters }, more);

describe('Add to Knowledge, operation Remove', () => {
  it('takes a file out once, keeps it, and changes nothing after that', async () => {
    const [a, b] = [server.addFile('a.txt', 'A'), server.addFile('b.txt', 'B')];
    const base = server.addBase('Manuals', [a, b]);
    const result = await remove([a.id, a.id], { knowledge: locator('name', 'Manuals') });
    const common = { knowledgeId: base.id, knowledgeName: 'Manuals', fileId: a.id, fileCount: 1 };
    expect(outputs(result)).toEqual([{ ...common, filename: 'a.txt', action: 'removed' }, { ...common, action: 'absent' }]);
    const seen = server.seen('POST', `/api/v1/knowledge/${base.id}/file/remove`);
    expect(seen.map(({ body, query }) => [body, query])).toEqual([[{ file_id: a.id }, { delete_file: 'false' }]]);
    expect(base.files).toEqual([b.id]);
    expect(server.files.has(a.id)).toBe(true);
    expect(actions(await remove([a.id], { knowledge: locator('id', base.id) }))).toEqual(['absent']);
  });

  it('deletes the file too when told so, but none that is not in the knowledge base', async () => {
    const [inside, outside] = [server.addFile('a.txt', 'A'), server.addFile('b.txt', 'B')];
    const base = server.addBase('Manuals', [inside]);
    const result = await remove([inside.id, outside.id], { knowledge: locator('id', base.id), options: { deleteFile: true } });
    expect(outputs(result).map(({ action, fileCount }) => [action, fileCount])).toEqual([['removed', 0], ['absent', 0]]);
    expect([...server.files.keys()]).toEqual([outside.id]);
  });

  it('deletes the file out of all other knowledge bases too, also those that no search shows, so that its text can be added anew', async () => {
    const file = server.addFile('a.txt', 'A');
    const [one, two, other] = [server.addBase('One', [file]), server.addBase('Two', [file]), server.addBase('Other', [file])];
    other.isPrivateToOther = true;
    const result = await remove([file.id], { knowledge: locator('id', one.id), options: { deleteFile: true } });
    expect(actions(result)).toEqual(['removed']);
    const collections = [one.id, two.id, other.id, `file-${file.id}`];
    expect(collectionAnswer(server, { collection_names: collections, k: 5 })['documents']).toEqual([[]]);
    const again = server.addFile('again.txt', 'A');
    for (const base of [one, two, other]) {
      expect(outputs(await run([again.id], { knowledge: locator('id', base.id) }))[0]).toMatchObject({ action: 'added', fileCount: 1 });
    }
  });

  it("deletes with a plain user's key as well, and asks for what only administrators may do once in a run", async () => {
    server.isAdmin = false;
    const files = [server.addFile('a.txt', 'A'), server.addFile('b.txt', 'B')];
    const [one, two] = [server.addBase('One', files), server.addBase('Two', files)];
    const result = await remove(files.map(({ id }) => id), { knowledge: locator('id', one.id), options: { deleteFile: true } });
    expect(actions(result)).toEqual(['removed', 'removed']);
    expect([one.files, two.files, one.ghosts, two.ghosts, server.files.size]).toEqual([[], [], [], [], 0]);
    expect(server.seen('POST', '/api/v1/retrieval/delete')).toHaveLength(1);
  });

  it("leaves nothing of a file that is in one knowledge base alone, with a plain user's key and of a file without a hash", async () => {
    const base = server.addBase('Manuals', [server.addFile('spoilt [1].txt', 'A', { hash: null })]);
    const others = [server.addBase('One', [server.addFile('b*.txt', 'B')]), server.addBase('Two', [server.addFile('c.txt', 'C')])];
    for (const { id, files } of [base, ...others]) {
      server.isAdmin = id === base.id;
      expect(actions(await remove(files, { knowledge: locator('id', id), options: { deleteFile: true } }))).toEqual(['removed']);
    }
    expect([server.files.size, server.orphans.size]).toEqual([0, 0]);
  });

  it("leaves it to the server's own deletion where a knowledge base that the key cannot see holds the file too", async () => {
    server.isAdmin = false;
    const file = server.addFile('a.txt', 'A');
    const [base, other] = [server.addBase('Manuals', [file]), server.addBase('Other', [file])];
    other.isPrivateToOther = true;
    await remove([file.id], { knowledge: locator('id', base.id), options: { deleteFile: true } });
    expect([base.files, other.files, base.ghosts, other.ghosts, server.files.size]).toEqual([[], [], [], [], 0]);
  });

  it('fails and changes nothing where the file belongs to somebody else, and says which knowledge bases hold it', async () => {
    server.isAdmin = false;
    const file = server.addFile('a.txt', 'A', { user_id: 'user-2' });
    const [one, two] = [server.addBase('One', [file]), server.addBase('Two', [file])];
    const result = await remove([file.id], { knowledge: locator('id', one.id), options: { deleteFile: true } });
    expect(result.error).toMatchObject({ message: 'The API key may not delete the file "a.txt"', itemIndex: 0 });
    expect(result.error?.description).toContain('Nothing was changed. It is still in the knowledge base "One", "Two".');
    expect([one.files, two.files]).toEqual([[file.id], [file.id]]);
  });

  it('takes a file for absent in the other knowledge bases once it has deleted it', async () => {
    const file = server.addFile('a.txt', 'A');
    const [one, two] = [server.addBase('One', [file]), server.addBase('Two', [file, server.addFile('b.txt', 'B')])];
    const items = [two, one, two].map(({ id }, index) => ({ id: index === 0 ? 'unknown' : file.id, base: id }));
    const result = await remove(items, { knowledge: locator('id', '={{ $json.base }}'), options: { deleteFile: true } });
    expect(actions(result)).toEqual(['absent', 'removed', 'absent']);
    expect(server.requests.filter(({ method }) => method === 'DELETE')).toHaveLength(1);
  });

  it.each([422, 500])('deletes the file also where its own collection cannot be emptied (status %i)', async (status) => {
    const file = server.addFile('a.txt', 'A');
    const base = server.addBase('Manuals', [file]);
    server.script('POST', '/api/v1/retrieval/delete', { status, body: { detail: 'Something went wrong :/' } });
    expect(actions(await remove([file.id], { knowledge: locator('id', base.id), options: { deleteFile: true } }))).toEqual(['removed']);
    expect(server.files.has(file.id)).toBe(false);
  });

  it('counts a file as deleted when the connection was cut after the work', async () => {
    const file = server.addFile('a.txt', 'A');
    const base = server.addBase('Manuals', [file]);
    server.script('DELETE', `/api/v1/files/${file.id}`, { status: 0, body: null, cut: 'done', times: 1 });
    expect(outputs(await remove([file.id], { knowledge: locator('id', base.id), options: { deleteFile: true } }))[0]).toMatchObject({ action: 'removed', fileCount: 0 });
  });

  it('does not believe a list that is empty once (contract 6.2: a failed query of the server looks like that)', async () => {
    const file = server.addFile('a.txt', 'A');
    const base = server.addBase('Manuals', [file]);
    server.script('GET', `/api/v1/knowledge/${base.id}/files`, { status: 200, body: { items: [], total: 0 }, times: 1 });
    expect(actions(await remove([file.id], { knowledge: locator('id', base.id) }))).toEqual(['removed']);
  });

  it('sees the file on a later page', async () => {
    const files = Array.from({ length: 70 }, (_, index) => server.addFile(`${index}.txt`, `Text ${index}`));
    const base = server.addBase('Manuals', files);
    expect(outputs(await remove([files[69]?.id], { knowledge: locator('id', base.id) }))[0]).toMatchObject({ action: 'removed', fileCount: 69 });
  });

  it('is content when somebody else takes the file out at the same moment', async () => {
    const file = server.addFile('a.txt', 'A');
    const base = server.addBase('Manuals', [file]);
    const path = `/api/v1/knowledge/${base.id}/file/remove`;
    const notFound = "We could not find what you're looking for :/";
    server.script('POST', path, { status: 400, body: { detail: notFound } });
    server.onRequest = (seen) => void (seen.path === path && (base.files = []));
    const result = await remove([file.id], { knowledge: locator('id', base.id) });
    expect(outputs(result)[0]).toMatchObject({ action: 'absent', fileCount: 0 });
  });

  it("fails with the server's words while the file is still there, and at an unknown knowledge base", async () => {
    const file = server.addFile('a.txt', 'A');
    const base = server.addBase('Manuals', [file]);
    const refusal = 'External knowledge bases are read-only.';
    server.script('POST', `/api/v1/knowledge/${base.id}/file/remove`, { status: 400, body: { detail: refusal } });
    expect((await remove([file.id], { knowledge: locator('id', base.id) })).error).toMatchObject({ message: refusal, itemIndex: 0 });
    const unknown = await remove([file.id], { knowledge: locator('name', 'Nope'), createIfMissing: true });
    expect(unknown.error?.message).toBe('No knowledge base is named "Nope"');
    expect(server.bases.size).toBe(1);
  });

  it('fails where the file is not there, when told so', async () => {
    const base = server.addBase('Manuals');
    const file = server.addFile('a.txt', 'A');
    const result = await remove([file.id], { knowledge: locator('id', base.id), options: { ifAbsent: 'fail' } });
    expect(result.error).toMatchObject({ message: `The file ${file.id} is not in the knowledge base "Manuals"`, itemIndex: 0 });
  });

  it('takes a number that an expression gives for a name', async () => {
    const base = server.addBase('Manuals', [server.addFile('2026', 'A')]);
    expect(actions(await remove([undefined], { identifyBy: 'name', fileName: '={{ 2026 }}', knowledge: locator('id', base.id) }))).toEqual(['removed']);
  });

  it('tells which files of a name it took out before one failed', async () => {
    const files = [server.addFile('a.txt', 'A'), server.addFile('a.txt', 'B')];
    const base = server.addBase('Manuals', files);
    const path = `/api/v1/knowledge/${base.id}/file/remove`;
    server.onRequest = ({ body }) => {
      if ((body as Json)['file_id'] === files[1]?.id) server.script('POST', path, { status: 400, body: { detail: 'read-only' } });
    };
    const parameters = { identifyBy: 'name', fileName: 'a.txt', knowledge: locator('id', base.id) };
    const result = await remove([undefined], parameters, { onError: 'continueRegularOutput' });
    expect(outputs(result).map(({ action, fileId, error }) => error ?? [action, fileId])).toEqual([['removed', files[0]?.id], 'read-only']);
  });

  it('takes out all files of a name, and only those in this knowledge base', async () => {
    const files = [server.addFile('手引き.txt', 'A'), server.addFile('手引き.txt', 'B'), server.addFile('b.txt', 'C'), server.addFile('手引き.txt', 'D')];
    const base = server.addBase('Manuals', files.slice(0, 3));
    const parameters = { identifyBy: 'name', fileName: '手引き.txt', knowledge: locator('id', base.id) };
    const result = await remove([undefined], parameters);
    expect(outputs(result).map(({ action, fileId, fileCount }) => [action, fileId, fileCount])).toEqual([['removed', files[0]?.id, 2], ['removed', files[1]?.id, 1]]);
    expect(base.files).toEqual([files[2]?.id]);
    expect(server.files.size).toBe(4);
    expect(outputs(await remove([undefined], parameters))).toEqual([
      { knowledgeId: base.id, knowledgeName: 'Manuals', filename: '手引き.txt', action: 'absent', fileCount: 1 },
    ]);
  });
});
