import { describe, expect, it } from '@jest/globals';

import { asEvents, CHAT_PATH, completion, events, hintsOf, lastPiece, nodeRun, openChatBench, outputOf, piece, sourceEntry } from './support/chat-bench.ts';
import type { Json } from './support/engine-types.ts';
import { locator } from './support/workflows.ts';

const { server, chat, sent } = openChatBench();

const MANUALS = { type: 'collection', id: 'k1' };
const TWO_HITS = [sourceEntry(MANUALS, [['near', 0.74], ['far', 0.52]])];

function answerWith(sources: Json[]): void {
  server.script('POST', CHAT_PATH, { status: 200, body: completion('An answer.', { sources }) });
}

const inManuals = (options: Json = {}): Json => ({ options: { knowledgeIds: 'k1', ...options } });

describe('Minimum Score', () => {
  it('leaves sources with a lower score out of the output', async () => {
    answerWith(TWO_HITS);
    const all = await chat(inManuals());
    expect((outputOf(all)['sources'] as Json[]).map(({ file }) => file)).toEqual(['near.txt', 'far.txt']);
    const near = await chat(inManuals({ minimumScore: 0.6 }));
    expect(outputOf(near)['sources']).toEqual([{ file: 'near.txt', fileId: 'id of near', text: 'near', score: 0.74, citation: 1 }]);
  });

  it('leaves none out as long as it is not added: rerankers give scores below 0 too', async () => {
    answerWith([sourceEntry(MANUALS, [['near', -1.5], ['far', -7]])]);
    expect(outputOf(await chat(inManuals({ requireSources: 'fail' })))['sources']).toHaveLength(2);
  });

  it('makes a question with weak passages one without sources, and says how far off the best was', async () => {
    answerWith(TWO_HITS);
    const { error } = await chat(inManuals({ minimumScore: 0.8, requireSources: 'fail' }));
    expect(error?.message).toBe('Nothing was found in the knowledge and files');
    expect(error?.description).toContain('No passage has the minimum score of 0.8; the best has 0.74.');
  });

  it('lets whole documents in, which have no score', async () => {
    const whole = { source: MANUALS, document: ['All of it'], metadata: [{ name: 'a.txt', file_id: 'f1' }] };
    answerWith([whole]);
    const result = await chat(inManuals({ minimumScore: 0.9, wholeDocuments: true, requireSources: 'fail' }));
    expect(outputOf(result)['sources']).toEqual([{ file: 'a.txt', fileId: 'f1', text: 'All of it', score: null, citation: 1 }]);
    expect(sent()).toMatchObject({ files: [{ ...MANUALS, context: 'full' }] });
  });
});

describe('Sources of overlapping attachments', () => {
  it('come once', async () => {
    const both = [sourceEntry(MANUALS, [['near', 0.74]]), sourceEntry({ type: 'file', id: 'f1' }, [['near', 0.74]])];
    answerWith(both);
    expect(outputOf(await chat(inManuals({ fileIds: 'f1' })))['sources']).toHaveLength(1);
  });
});

describe('No Answer Without Sources', () => {
  const branch = { requireSources: 'secondOutput', minimumScore: 0.6 };
  const perItem = { options: { fileIds: '={{ $json.file }}', ...branch } };

  it('sends items for which nothing was found to an output of their own, with what came in and was asked', async () => {
    const file = server.addFile('warranty.txt', 'Two years.');
    const inputItems = [{ json: { row: 1, file: 'nope' } }, { json: { row: 2, file: file.id } }, { json: { row: 3, file: 'nope' } }];
    const result = await chat(perItem, { inputItems });
    const [answered, missed] = nodeRun(result).outputs;
    expect(answered).toMatchObject([{ json: { content: 'The warranty lasts two years.' }, pairedItem: { item: 1 } }]);
    expect(missed?.map(({ pairedItem }) => pairedItem)).toEqual([{ item: 0 }, { item: 2 }]);
    expect(missed?.[0]?.json).toEqual({
      row: 1,
      file: 'nope',
      nothingFound: {
        question: 'How long is the warranty?',
        reason: 'The file nope does not exist, or the user of the API key may not read it.',
        bestScore: null,
      },
    });
  });

  it('keeps the files of the items of the second output', async () => {
    const files = { photo: { fileName: 'meter.png', mimeType: 'image/png', text: 'png' } };
    const result = await chat({ options: { fileIds: 'nope', ...branch } }, { inputItems: [{ json: {}, files }] });
    expect(nodeRun(result).outputs[1]).toMatchObject([{ binary: { photo: { fileName: 'meter.png' } } }]);
  });

  it('has the best score of what was refused in the item of the second output', async () => {
    answerWith([sourceEntry(MANUALS, [['far', 0.52]])]);
    expect(outputOf(await chat(inManuals(branch)), 1)).toMatchObject({ nothingFound: { bestScore: 0.52 } });
  });

  it('has one output with all other choices, and with an answer the second stays empty', async () => {
    const file = server.addFile('warranty.txt', 'Two years.');
    for (const requireSources of ['off', 'fail', false]) {
      expect(nodeRun(await chat({ options: { fileIds: file.id, requireSources } })).outputs).toHaveLength(1);
    }
    const [answered, missed] = nodeRun(await chat({ options: { fileIds: file.id, ...branch } })).outputs;
    expect([answered?.length, missed ?? []]).toEqual([1, []]);
  });

  it('keeps failed items apart from both when the node goes on with an error output', async () => {
    const file = server.addFile('warranty.txt', 'Two years.');
    const inputItems = [{ json: { row: 1, file: 'nope', prompt: 'a' } }, { json: { row: 2, file: file.id, prompt: 'b' } }, { json: { row: 3, file: file.id, prompt: '' } }];
    const result = await chat({ ...perItem, prompt: '={{ $json.prompt }}' }, { inputItems }, { onError: 'continueErrorOutput' });
    const rows = nodeRun(result).outputs.map((items) => items.map(({ json }) => json['row'] ?? 'answer'));
    expect(rows).toEqual([['answer'], [1], [3]]);
    expect(outputOf(result, 2)).toMatchObject({ error: 'The field "Prompt" is empty' });
  });

  it('puts failed items among the answers when the node goes on with its regular output', async () => {
    const inputItems = [{ json: { file: 'nope', prompt: '' } }, { json: { file: 'nope', prompt: 'b' } }];
    const result = await chat({ ...perItem, prompt: '={{ $json.prompt }}' }, { inputItems }, { onError: 'continueRegularOutput' });
    const [first, second] = nodeRun(result).outputs;
    expect(first).toMatchObject([{ json: { error: 'The field "Prompt" is empty' }, pairedItem: { item: 0 } }]);
    expect(second).toMatchObject([{ json: { file: 'nope' }, pairedItem: { item: 1 } }]);
  });

  it('fails the item as before where a workflow has the switch of old', async () => {
    const { error } = await chat({ options: { fileIds: 'nope', requireSources: true } });
    expect(error).toMatchObject({ name: 'NodeOperationError', message: 'Nothing was found in the knowledge and files' });
    expect(error?.description).toContain('The file nope does not exist');
  });

  it('says so when no knowledge and no files are chosen at all', async () => {
    const { error } = await chat({ options: { requireSources: 'fail' } });
    expect(error?.description).toContain('No knowledge and no files are chosen.');
  });

  it('streams nothing and branches, and reads no further than the first word', async () => {
    server.script('POST', CHAT_PATH, asEvents(events({ sources: TWO_HITS }, piece({ content: 'Made ' }), piece({ content: 'up.' }), lastPiece())));
    const result = await chat(inManuals({ requireSources: 'secondOutput', minimumScore: 0.8 }), { streaming: true });
    expect(result.chunks).toEqual([]);
    expect(outputOf(result, 1)).toMatchObject({ nothingFound: { bestScore: 0.74 } });
  });

  it('branches at the first thought of the model, without waiting for its words', async () => {
    const later = { error: { message: 'This must not be read any more' } };
    server.script('POST', CHAT_PATH, asEvents(events({ sources: TWO_HITS }, piece({ role: 'assistant', content: '' }), piece({ reasoning_content: 'Let me' }), later)));
    const result = await chat(inManuals({ requireSources: 'secondOutput', minimumScore: 0.8 }), { streaming: true });
    expect(outputOf(result, 1)).toMatchObject({ nothingFound: { bestScore: 0.74 } });
  });

  it('streams as soon as there is a source that counts', async () => {
    server.script('POST', CHAT_PATH, asEvents(events({ sources: TWO_HITS }, piece({ content: 'Two ' }), piece({ content: 'years.' }), lastPiece())));
    const result = await chat(inManuals({ requireSources: 'secondOutput', minimumScore: 0.6 }), { streaming: true });
    expect(result.chunks.map(({ type, content }) => content ?? type)).toEqual(['begin', 'Two ', 'years.', 'end']);
    expect(outputOf(result)['sources']).toHaveLength(1);
  });
});

describe('Attachments that the server passes over in silence (trap 4)', () => {
  it('are named in a hint when the model answers without them', async () => {
    const result = await chat({ options: { fileIds: 'nope', knowledgeIds: 'gone' } });
    expect(result.status).toBe('success');
    expect(hintsOf(result)).toContain('nothing was found in the knowledge and files, the model answered without them.');
    expect(hintsOf(result)).toContain('The knowledge base gone does not exist');
    expect(hintsOf(result)).toContain('The file nope does not exist');
  });

  it('are named once in a run of many items', async () => {
    const inputItems = Array.from({ length: 12 }, () => ({ json: {} }));
    const { hints } = nodeRun(await chat({ options: { fileIds: 'nope' } }, { inputItems }));
    expect(hints).toEqual([expect.stringMatching(/^Items 0, 1, 2, 3, 4, 5, 6, 7, 8, 9 and 2 more: nothing was found in the knowledge/u)]);
  });

  it('are named when other attachments gave sources', async () => {
    const file = server.addFile('warranty.txt', 'Two years.');
    const result = await chat({ options: { fileIds: `${file.id}, nope` } });
    expect(outputOf(result)['sources']).toHaveLength(1);
    expect(hintsOf(result)).toContain('an attachment was not used. The file nope does not exist');
  });

  it('are told from files that are not processed yet or have failed', async () => {
    const pending = server.addFile('a.txt', 'A', { hash: null, data: { status: 'pending' }, readyAt: Date.now() + 60_000 });
    const failed = server.addFile('b.txt', 'B', { hash: null, data: { status: 'failed' } });
    const result = await chat({ options: { fileIds: [pending.id, failed.id].join(',') } });
    expect(hintsOf(result)).toContain(`The file ${pending.id} is still being processed.`);
    expect(hintsOf(result)).toContain(`The file ${failed.id} could not be processed by the server.`);
  });

  it('are told from a knowledge base without any text', async () => {
    const base = server.addBase('Empty');
    const { error } = await chat({ options: { knowledgeIds: base.id, requireSources: 'fail' } });
    expect(error?.description).toContain(`The knowledge base ${base.id} has no text yet`);
  });

  it('are asked for again when the server is busy, so that the reason is the right one', async () => {
    const file = server.addFile('scan.pdf', '', { hash: null, data: { status: 'failed' } });
    server.script('GET', `/api/v1/files/${file.id}/process/status`, { status: 429, body: { detail: 'Slow down' }, headers: { 'retry-after': '0' }, times: 2 });
    const { error } = await chat({ options: { fileIds: file.id, requireSources: 'fail' } });
    expect(error?.description).toContain(`The file ${file.id} could not be processed by the server`);
  });

  it('are asked for once in a run, however many items there are, and not at all when all were used', async () => {
    const file = server.addFile('warranty.txt', 'Two years.');
    await chat({ options: { fileIds: `nope, ${file.id}` } }, { inputItems: [{ json: {} }, { json: {} }] });
    expect(server.requests.filter(({ path }) => path.startsWith('/api/v1/files/')).map(({ path }) => path)).toEqual(['/api/v1/files/nope/process/status']);
  });
});

describe('An entry under Knowledge or Files whose expression gives nothing', () => {
  it.each<[string, Json]>([
    ['a knowledge base', { knowledgeBases: { values: [{ knowledge: locator('id', '={{ $json.base }}') }] } }],
    ['a file', { files: { values: [{ file: locator('id', '={{ $json.file }}') }] } }],
  ])('is told by a hint, as the model answers without it: %s', async (_name, parameters) => {
    const result = await chat(parameters, { inputItems: [{ json: {} }] });
    expect(result.status).toBe('success');
    expect(sent()).not.toHaveProperty('files');
    expect(hintsOf(result)).toBe('Item 0: an entry under Knowledge or Files is empty and was passed over. Check its expression.');
  });

  it('is told also where it stands in an option', async () => {
    const options = { fileIds: '={{ $json.file }}', knowledgeIds: '={{ [] }}', imageFields: '={{ $json.photo }}' };
    const hints = hintsOf(await chat({ options }, { inputItems: [{ json: {} }, { json: {} }] }));
    for (const name of ['File IDs', 'Knowledge IDs', 'Input Image Fields']) {
      expect(hints).toContain(`Items 0, 1: the option ${name} is empty and was passed over.`);
    }
  });
});

describe('The number of a citation', () => {
  const named = (file: string, score: number): Json => ({ source: { type: 'collection', id: file }, document: [`In ${file}`], metadata: [{ source: file, name: file, file_id: `id of ${file}` }], distances: [score] });
  const citations = async (options: Json): Promise<unknown> => (outputOf(await chat(inManuals(options)))['sources'] as Json[]).map(({ file, citation }) => [file, citation]);

  it('is that of the answer also when sources before it do not count', async () => {
    answerWith([named('old.txt', 0.55), named('new.txt', 0.8)]);
    expect(await citations({})).toEqual([['old.txt', 1], ['new.txt', 2]]);
    expect(await citations({ minimumScore: 0.6 })).toEqual([['new.txt', 2]]);
  });

  it('is the same for all passages of a document', async () => {
    const twice = { ...named('a.txt', 0.8), document: ['One', 'Two'], metadata: [{ source: 'a.txt' }, { source: 'a.txt' }], distances: [0.8, 0.7] };
    answerWith([twice, named('b.txt', 0.6)]);
    expect(await citations({})).toEqual([['a.txt', 1], ['a.txt', 1], ['b.txt', 2]]);
  });

  it('is that of the server where it tells one, as the runtime does for two files of one name', async () => {
    const [first, second] = [named('a.txt', 0.8), named('a.txt', 0.7)].map((entry, index) => ({ ...entry, document: [`Text ${index}`], metadata: [{ source: 'a.txt', name: 'a.txt', source_number: index + 1 }] }));
    answerWith([first as Json, second as Json]);
    expect(await citations({})).toEqual([['a.txt', 1], ['a.txt', 2]]);
  });
});
