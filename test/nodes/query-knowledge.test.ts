import { describe, expect, it } from '@jest/globals';

import { openBench } from './support/bench.ts';
import type { Json, RunResult } from './support/engine-types.ts';
import { chain, locator, ourNode } from './support/workflows.ts';

const QUERY = '/api/v1/retrieval/query/collection';
const UNKNOWN = '00000000-0000-4000-8000-000000000000';
const bench = openBench();
const { server } = bench;

async function search(parameters: Json, items: Json[] = [{}], more: Json = {}): Promise<RunResult> {
  const node = ourNode('QueryKnowledge', { query: 'How long is the warranty?', ...parameters }, more);
  return await bench.engine.run(chain(node), { inputItems: items.map((json) => ({ json })) });
}

const itemsOf = (result: RunResult): Array<{ json: Json; pairedItem?: unknown }> => result.nodes['QueryKnowledge']?.items ?? [];
const outputs = (result: RunResult): Json[] => itemsOf(result).map(({ json }) => json);
const hints = (result: RunResult): string => (result.nodes['QueryKnowledge']?.hints ?? []).join();
const sent = (): Json[] => server.seen('POST', QUERY).map(({ body }) => body as Json);
const inBase = (name: string): Json => ({ knowledgeBases: { values: [{ knowledge: locator('name', name) }] } });

/** A knowledge base with passages that score 0.8, 0.7 and 0.6. */
function manuals(): string {
  const files = ['Two years.', 'Ask the dealer.', 'Clean it monthly.'].map((text, index) => server.addFile(`${index}.txt`, text));
  return server.addBase('Manuals', files).id;
}

describe('Query Knowledge', () => {
  it('gives one item for each passage, best first, with the page people see', async () => {
    const id = manuals();
    const result = await search(inBase('Manuals'));
    expect(result.error).toBeUndefined();
    expect(outputs(result)[0]).toEqual({
      text: 'Two years.', file: '0.txt', fileId: expect.any(String), page: 2, score: 0.8, similarity: 0.8, matchedWords: [], query: 'How long is the warranty?', rank: 1,
    });
    expect(outputs(result).map(({ rank, score }) => [rank, score])).toEqual([[1, 0.8], [2, 0.7], [3, 0.6]]);
    expect(sent()).toEqual([{ collection_names: [id], query: 'How long is the warranty?', k: 5, k_reranker: 5 }]);
  });

  it('keeps the score of a server that gives one apart from the similarity, and shows headings and page labels', async () => {
    const passage = { score: 0.97, page_label: 'iv', heading: 'Warranty' };
    const file = server.addFile('a.pdf', 'Two years.', { meta: { passage } });
    const [hit] = outputs(await search({ options: { fileIds: file.id } }));
    expect(hit).toMatchObject({ score: 0.97, similarity: 0.8, page: 'iv', heading: 'Warranty' });
  });

  it('searches knowledge bases by name, URL, list and ID together with files, each once, in one request', async () => {
    const id = manuals();
    const [one, two] = [server.addBase('One').id, server.addBase('Two').id];
    const file = server.addFile('alone.txt', 'Alone.');
    const values = [locator('name', 'Manuals'), locator('url', `http://127.0.0.1:8080/workspace/knowledge/${id}`), locator('list', one), locator('id', '')];
    await search({
      knowledgeBases: { values: values.map((knowledge) => ({ knowledge })) },
      files: { values: [{ file: locator('list', file.id) }] },
      options: { knowledgeIds: `={{ ["${two}"] }}`, fileIds: file.id },
    });
    expect(sent().map(({ collection_names: names }) => names)).toEqual([[two, id, one, `file-${file.id}`]]);
  });

  it('looks for the query of each item, asks for a knowledge base once, and pairs passages with queries', async () => {
    const id = manuals();
    const result = await search({ query: '={{ $json.q }}', options: { knowledgeIds: id, topK: 2, concurrency: 2 } }, [{ q: 'first' }, { q: 'second' }]);
    expect(outputs(result).map(({ query, rank }) => [query, rank])).toEqual([['first', 1], ['first', 2], ['second', 1], ['second', 2]]);
    expect(itemsOf(result).map(({ pairedItem }) => pairedItem)).toEqual([0, 0, 1, 1].map((item) => ({ item })));
    expect(server.seen('GET', `/api/v1/knowledge/${id}`)).toHaveLength(1);
    expect(sent().map(({ k }) => k)).toEqual([2, 2]);
  });

  it.each([1, 3])('works on %i items at once when told so', async (concurrency) => {
    const knowledgeIds = manuals();
    server.script('POST', QUERY, { status: 200, body: { documents: [[]] }, delayMs: 200 });
    await search({ options: { knowledgeIds, concurrency } }, [{}, {}, {}, {}]);
    expect(server.mostAtOnce).toBe(concurrency);
  });

  it.each([
    ['How long is the warranty?', 'The WARRANTIES are long.', ['long', 'warranty']],
    ['When does it open?', 'Opening hours: 9 to 5, opened daily.', ['open']],
    ['Part AX-200', 'The ax-200 and the part 200', ['part', 'ax', '200']],
    ['保証期間はどれくらいですか', '保証期間は2年です。', ['保証', '期間']],
    ['ＷｉＴi speed', 'WiTi', ['witi']],
    ['How is it?', 'How it is.', []],
    ['car', 'An automobile; take care', []],
    ['close the boxes', 'A closed box', ['close', 'boxes']],
  ])('tells which words of "%s" stand in "%s"', async (query, text, words) => {
    const { id } = server.addFile('a.txt', text);
    const [hit] = outputs(await search({ query, options: { fileIds: id } }));
    expect(hit?.['matchedWords']).toEqual(words);
  });

  it('filters by the names and IDs of files, and by metadata, among the hundred best', async () => {
    const passages = [['a.pdf', 'sales', 2024], ['b.txt', 'sales', 2025], ['c.pdf', 'support', 2025]] as const;
    const files = passages.map(([name, team, year]) => server.addFile(name, `Text of ${name}`, { meta: { passage: { team, year } } }));
    const knowledgeIds = server.addBase('Manuals', files).id;
    const found = async (options: Json): Promise<unknown[]> => outputs(await search({ options: { knowledgeIds, topK: 2, ...options } })).map(({ file, rank }) => [file, rank]);
    const fields = (...rows: Array<[string, string]>): Json => ({ metadataFilter: { fields: rows.map(([name, value]) => ({ name, value })) } });
    expect(await found({ onlyFiles: '*.PDF' })).toEqual([['a.pdf', 1], ['c.pdf', 2]]);
    expect(await found({ onlyFiles: `={{ ["${files[1]?.id ?? ''}", "?.nothing"] }}` })).toEqual([['b.txt', 1]]);
    expect(await found(fields(['team', 'sales']))).toEqual([['a.pdf', 1], ['b.txt', 2]]);
    expect(await found(fields(['team', 'sales'], ['year', '2025']))).toEqual([['b.txt', 1]]);
    expect(await found(fields(['team', 'nobody']))).toEqual([]);
    expect(sent().map(({ k }) => k)).toEqual([100, 100, 100, 100, 100]);
  });

  it.each<[string, Json, string]>([
    ['a list', { onlyFiles: '={{ [] }}' }, 'The option "Only Files" is empty: enter * for all files'],
    ['a missing field', { onlyFiles: '={{ $json.none }}' }, 'The option "Only Files" is empty: enter * for all files'],
    ['a name', { metadataFilter: { fields: [{ name: '={{ $json.none }}', value: 'sales' }] } }, 'A field of the option "Metadata Filter" has no name'],
  ])('refuses a filter that an expression left empty, as it would let everything through: %s', async (_name, options, message) => {
    const knowledgeIds = server.addBase('Manuals', [server.addFile('secret.txt', 'Not for all')]).id;
    const { error } = await search({ options: { knowledgeIds, ...options } });
    expect(error).toMatchObject({ name: 'NodeOperationError', message, itemIndex: 0 });
    expect(sent()).toEqual([]);
  });

  it('knows names of files and values in Japanese however their letters are stored', async () => {
    const names = ['ガイド.pdf'.normalize('NFD'), '𠮷野.txt'];
    const files = names.map((name, index) => server.addFile(name, `Text ${index}`, { meta: { passage: { team: 'パリ'.normalize('NFD') } } }));
    const knowledgeIds = server.addBase('Manuals', files).id;
    const found = async (options: Json): Promise<unknown[]> => outputs(await search({ options: { knowledgeIds, ...options } })).map(({ file }) => file);
    expect(await found({ onlyFiles: 'ガイド*' })).toEqual([names[0]]);
    expect(await found({ onlyFiles: '?野.txt' })).toEqual([names[1]]);
    expect(await found({ metadataFilter: { fields: [{ name: 'team', value: 'パリ' }] } })).toEqual(names);
  });

  it('gives as many passages as Limit says also where hybrid search ranks only a few', async () => {
    server.isHybrid = true;
    const files = Array.from({ length: 6 }, (_, index) => server.addFile(`${index}.txt`, `Text ${index}`));
    const knowledgeIds = server.addBase('Manuals', files).id;
    expect(outputs(await search({ options: { knowledgeIds } }))).toHaveLength(5);
  });

  it('leaves out no passage for its score unless a minimum is set: hybrid search gives scores below 0', async () => {
    manuals();
    server.script('POST', QUERY, { status: 200, body: { documents: [['A', 'B']], distances: [[0.3, -0.1]], metadatas: [[{}, {}]] } });
    expect(outputs(await search(inBase('Manuals'))).map(({ score }) => score)).toEqual([0.3, -0.1]);
    expect(outputs(await search({ ...inBase('Manuals'), options: { minimumScore: 0 } })).map(({ score }) => score)).toEqual([0.3]);
    expect((await search({ ...inBase('Manuals'), options: { minimumScore: '={{ "high" }}' } })).error?.message).toBe('The option "Minimum Score" is not a number');
  });

  it('says what a server with hybrid search leaves unsaid about a knowledge base without files', async () => {
    manuals();
    server.script('POST', QUERY, { status: 400, body: { detail: '[ERROR: Error querying knowledge base]' } });
    expect((await search(inBase('Manuals'))).error?.description).toContain('holds no file yet');
  });

  it('asks again after a fault of the server, as a search does no harm', async () => {
    manuals();
    server.script('POST', QUERY, { status: 502, body: 'Bad Gateway', times: 2 });
    expect(outputs(await search(inBase('Manuals')))).toHaveLength(3);
    expect(sent()).toHaveLength(3);
  });

  it('does not fetch the whole text of a file to see that it is there', async () => {
    const { id } = server.addFile('a.txt', 'Two years.');
    await search({ options: { fileIds: id } });
    expect(server.seen('GET', `/api/v1/files/${id}`)).toEqual([]);
  });

  it('shows the metadata of the upload when asked to', async () => {
    const { id } = server.addFile('a.pdf', 'Two years.', { meta: { passage: { team: 'sales' } } });
    const [hit] = outputs(await search({ options: { fileIds: id, includeMetadata: true } }));
    expect(hit?.['metadata']).toMatchObject({ team: 'sales', file_id: id, name: 'a.pdf' });
    expect(outputs(await search({ options: { fileIds: id } }))[0]).not.toHaveProperty('metadata');
  });

  it('leaves out passages below the minimum score', async () => {
    manuals();
    const result = await search({ ...inBase('Manuals'), options: { minimumScore: 0.7 } });
    expect(outputs(result).map(({ score }) => score)).toEqual([0.8, 0.7]);
  });

  it('gives all passages of a query in one item when asked to', async () => {
    manuals();
    const result = await search({ ...inBase('Manuals'), options: { output: 'perQuery', topK: 1 } });
    expect(outputs(result)).toEqual([
      { query: 'How long is the warranty?', results: [{ text: 'Two years.', file: '0.txt', fileId: expect.any(String), page: 2, score: 0.8, similarity: 0.8, matchedWords: [], rank: 1 }] },
    ]);
  });

  it('gives an empty list, or no item but a hint, when nothing matches', async () => {
    server.addBase('Empty');
    expect(outputs(await search({ ...inBase('Empty'), options: { output: 'perQuery' } }))).toEqual([{ query: 'How long is the warranty?', results: [] }]);
    const result = await search(inBase('Empty'));
    expect([result.status, outputs(result)]).toEqual(['success', []]);
    expect(hints(result)).toMatch(/^Item 0: no passage was found/u);
    const many = await search(inBase('Empty'), Array.from({ length: 12 }, () => ({})));
    expect(many.nodes['QueryKnowledge']?.hints).toEqual([expect.stringMatching(/^Items 0, 1, 2, 3, 4, 5, 6, 7, 8, 9 and 2 more: no passage was found/u)]);
  });

  it('tells of an entry under Knowledge or Files that an expression left empty', async () => {
    const id = manuals();
    const result = await search({ knowledgeBases: { values: [locator('id', '={{ $json.none }}'), locator('id', id)].map((knowledge) => ({ knowledge })) } }, [{}, {}]);
    expect(outputs(result)).toHaveLength(6);
    expect(result.nodes['QueryKnowledge']?.hints).toEqual([expect.stringMatching(/^Items 0, 1: an entry under Knowledge or Files is empty/u)]);
  });

  it('leaves out passages without text and lives with answers that lack metadata', async () => {
    manuals();
    server.script('POST', QUERY, { status: 200, body: { documents: [[' ', 'Bare.']] } });
    expect(outputs(await search(inBase('Manuals')))).toEqual([
      { text: 'Bare.', file: null, fileId: null, score: null, similarity: null, matchedWords: [], query: 'How long is the warranty?', rank: 1 },
    ]);
  });

  it('says so when the answer is no search result', async () => {
    manuals();
    server.script('POST', QUERY, { status: 200, body: null });
    expect((await search(inBase('Manuals'))).error).toMatchObject({ name: 'NodeApiError', message: 'The server sent no search results' });
  });

  it('names the knowledge base or file that is not there, which the search itself would pass over', async () => {
    const words = "We could not find what you're looking for :/";
    expect((await search({ options: { knowledgeIds: UNKNOWN } })).error).toMatchObject({ message: words, httpCode: '404', itemIndex: 0 });
    expect((await search({ options: { fileIds: UNKNOWN } })).error).toMatchObject({ message: words, httpCode: '404', itemIndex: 0 });
    expect((await search(inBase('No such base'))).error?.message).toBe('No knowledge base is named "No such base"');
    expect(sent()).toEqual([]);
  });

  it('refuses a query without words and an empty choice before any request', async () => {
    expect((await search({ query: ' ', options: { knowledgeIds: UNKNOWN } })).error?.message).toBe('The field "Query" is empty');
    expect((await search({ query: '={{ $json }}', options: { knowledgeIds: UNKNOWN } })).error?.message).toBe('The field "Query" holds no text');
    expect((await search({})).error?.message).toBe('There is nothing to search');
    expect(server.requests).toEqual([]);
  });

  it('turns a refused item into an item of its own when it is to continue', async () => {
    const id = manuals();
    const items = [{ id }, { id: UNKNOWN }, { id }];
    const result = await search({ options: { knowledgeIds: '={{ $json.id }}', topK: 1 } }, items, { onError: 'continueRegularOutput' });
    expect(outputs(result).map(({ text, error }) => text ?? error)).toEqual(['Two years.', "We could not find what you're looking for :/", 'Two years.']);
    expect(itemsOf(result).map(({ pairedItem }) => pairedItem)).toEqual([0, 1, 2].map((item) => ({ item })));
  });

  it("tells a refused search in the server's words", async () => {
    manuals();
    server.script('POST', QUERY, { status: 403, body: { detail: 'You do not have permission to access this resource.' } });
    expect((await search(inBase('Manuals'))).error).toMatchObject({ message: 'You do not have permission to access this resource.', httpCode: '403' });
  });

  it('ends after its time limit', async () => {
    manuals();
    server.script('POST', QUERY, { status: 200, body: {}, delayMs: 3000 });
    expect((await search({ ...inBase('Manuals'), options: { timeout: 1 } })).error?.message).toContain('did not answer within 1 seconds');
  });

  it('offers knowledge bases and files in its pickers', async () => {
    manuals();
    const bases = await bench.engine.listSearch({ node: 'openWebUiQueryKnowledge', method: 'searchKnowledge', filter: 'manu' });
    expect(bases.results.map(({ name }) => name)).toEqual(['Manuals']);
    const files = await bench.engine.listSearch({ node: 'openWebUiQueryKnowledge', method: 'searchFiles', filter: '1' });
    expect(files.results.map(({ name }) => name)).toEqual(['1.txt']);
  });

  it('finds in its picker for files what the list without a filter shows, for an administrator those of others too', async () => {
    server.addFile('theirs.txt', 'Text', { user_id: 'user-2' });
    for (const filter of [undefined, 'theirs']) {
      const files = await bench.engine.listSearch({ node: 'openWebUiQueryKnowledge', method: 'searchFiles', ...(filter === undefined ? {} : { filter }) });
      expect(files.results.map(({ name }) => name)).toEqual(['theirs.txt']);
    }
  });
});
