import { describe, expect, it } from '@jest/globals';

import { actions, openKnowledgeBench, outputs, pairs } from './support/knowledge-bench.ts';
import { locator } from './support/workflows.ts';

const { server, run: add } = openKnowledgeBench();
const EVERYONE = { principal_type: 'user', principal_id: '*', permission: 'read' };

describe('The output of Add to Knowledge', () => {
  it('can be one item for each knowledge base, paired with all its items', async () => {
    const [a, b, twin, there] = [server.addFile('a.txt', 'A'), server.addFile('b.txt', 'B'), server.addFile('twin.txt', 'A'), server.addFile('c.txt', 'C')];
    const [one, two] = [server.addBase('One', [there]), server.addBase('Two')];
    const items = [
      { id: a.id, base: 'One' }, { id: b.id, base: 'Two' }, { id: twin.id, base: 'One' }, { id: there.id, base: 'One' }, { id: 'unknown', base: 'Two' },
    ];
    const result = await add(items, { knowledge: locator('name', '={{ $json.base }}'), output: 'summary' }, { onError: 'continueRegularOutput' });
    expect(outputs(result)).toEqual([
      {
        knowledgeId: one.id, knowledgeName: 'One', fileCount: 2,
        added: [{ id: a.id, filename: 'a.txt' }],
        unchanged: [{ id: there.id, filename: 'c.txt' }],
        skipped: [{ id: twin.id, filename: 'twin.txt', duplicateOf: a.id }],
        replaced: [], removed: [], absent: [], failed: [],
        files: [{ id: there.id, filename: 'c.txt' }, { id: a.id, filename: 'a.txt' }],
      },
      expect.objectContaining({
        knowledgeId: two.id, added: [{ id: b.id, filename: 'b.txt' }], files: [{ id: b.id, filename: 'b.txt' }],
        failed: [{ id: 'unknown', filename: null, error: "We could not find what you're looking for :/" }],
      }),
    ]);
    expect(pairs(result)).toEqual([[{ item: 0 }, { item: 2 }, { item: 3 }], [{ item: 1 }, { item: 4 }]]);
  });

  it('gives failed items to the error output as well', async () => {
    const base = server.addBase('One');
    const file = server.addFile('a.txt', 'A');
    const result = await add([file.id, 'unknown'], { knowledge: locator('id', base.id), output: 'summary' }, { onError: 'continueErrorOutput' });
    const [regular, failed] = result.nodes['AddToKnowledge']?.outputs ?? [];
    expect(regular?.map(({ json }) => json['fileCount'])).toEqual([1]);
    expect(failed?.map(({ json }) => json)).toEqual([expect.objectContaining({ id: 'unknown', error: "We could not find what you're looking for :/" })]);
  });

  it('sums up a removal', async () => {
    const [a, b] = [server.addFile('a.txt', 'A'), server.addFile('b.txt', 'B')];
    const base = server.addBase('One', [a, b]);
    const result = await add([a.id, 'unknown'], { operation: 'remove', knowledge: locator('id', base.id), output: 'summary' });
    expect(outputs(result)).toEqual([expect.objectContaining({
      fileCount: 1, removed: [{ id: a.id, filename: 'a.txt' }], absent: [{ id: 'unknown', filename: null }], files: [{ id: b.id, filename: 'b.txt' }],
    })]);
  });
});

describe('The choice of the knowledge base', () => {
  it('is an entry of the list, an ID, an address, a name or plain text of an expression', async () => {
    const base = server.addBase('Manuals');
    const choices = [
      locator('list', base.id), locator('id', base.id), locator('url', `http://h:1/workspace/knowledge/${base.id}?x=1`), locator('name', ' Manuals '), base.id,
    ];
    for (const [index, knowledge] of choices.entries()) {
      const file = server.addFile(`${index}.txt`, `Text ${index}`);
      expect(actions(await add([file.id], { knowledge }))).toEqual(['added']);
    }
    expect(base.files).toHaveLength(5);
  });

  it('says that nothing was chosen instead of taking a knowledge base without a name (trap 18: an empty name is accepted)', async () => {
    server.addBase('');
    const result = await add(['x'], { knowledge: locator('name', '  '), createIfMissing: true });
    expect(result.error?.message).toBe('The field "Knowledge" is empty');
    expect(server.bases.size).toBe(1);
  });

  it('tells names apart by case, and takes joined and separate marks of a letter for the same', async () => {
    const [lower, japanese] = [server.addBase('manuals'), server.addBase('ガイド'.normalize('NFD'))];
    const [a, b] = [server.addFile('a.txt', 'A'), server.addFile('b.txt', 'B')];
    expect((await add([a.id], { knowledge: locator('name', 'Manuals') })).error?.message).toBe('No knowledge base is named "Manuals"');
    expect(outputs(await add([b.id], { knowledge: locator('name', 'ガイド'.normalize('NFC')), createIfMissing: true }))[0]).toMatchObject({ knowledgeId: japanese.id });
    expect(lower.files).toEqual([]);
  });

  it('fails with the IDs when two have the name (trap 18: unique names are not)', async () => {
    const twins = [server.addBase('Twin'), server.addBase('Twin')];
    const file = server.addFile('a.txt', 'A');
    const { error } = await add([file.id], { knowledge: locator('name', 'Twin'), createIfMissing: true });
    expect(error).toMatchObject({ message: '2 knowledge bases are named "Twin"', description: `Choose one by ID: ${twins.map(({ id }) => id).join(', ')}` });
  });
});

describe('A knowledge base that the node creates', () => {
  const parameters = (access: string) => ({ knowledge: locator('name', 'New'), createIfMissing: true, options: { access, description: 'All of it' } });

  it('has the description, and is private or public as told', async () => {
    const file = server.addFile('a.txt', 'A');
    await add([file.id], { ...parameters('private'), knowledge: locator('name', 'Closed') });
    await add([file.id], parameters('public'));
    expect([...server.bases.values()].map(({ name, description, access_grants: grants }) => [name, description, grants])).toEqual([
      ['Closed', 'All of it', []], ['New', 'All of it', [EVERYONE]],
    ]);
  });

  it('is refused, and not left behind, when the server drops the grant in silence (trap 20: dropped grants)', async () => {
    server.keepsGrants = false;
    const file = server.addFile('a.txt', 'A');
    const { error } = await add([file.id], parameters('public'));
    expect(error?.message).toBe('The server did not make the new knowledge base "New" public');
    expect(error?.description).toContain('permission to share');
    expect(server.bases.size).toBe(0);
  });

  it.each([['private', {}], ['public', null]])('is %s on servers that know access_control only', async (access, control) => {
    const file = server.addFile('a.txt', 'A');
    const base = server.addBase('Old');
    server.script('POST', '/api/v1/knowledge/create', { status: 200, body: { id: base.id, name: 'New', access_control: control } });
    expect(actions(await add([file.id], parameters(access)))).toEqual(['added']);
    const other = access === 'private' ? 'public' : 'private';
    expect((await add([file.id], parameters(other))).error?.message).toBe(`The server did not make the new knowledge base "New" ${other}`);
  });
});
