import { beforeEach, describe, expect, it } from '@jest/globals';

import { openBench } from './support/bench.ts';
import type { Json, RunResult } from './support/engine-types.ts';
import { BROKEN_PDF } from './support/scripted-store.ts';
import { chain, ourNode } from './support/workflows.ts';

const FILES = '/api/v1/files/';
const LIST = '/api/v1/files/user/search';
const NAME = 'document.txt';
const bench = openBench();
const { server } = bench;

/** How many records the lists of a run held. */
let recordsRead = 0;
beforeEach(() => {
  recordsRead = 0;
  server.processingMs = 1;
  server.version = ({ path }, reply) => {
    if (path === LIST && typeof reply === 'object' && Array.isArray(reply.body)) recordsRead += reply.body.length;
    return reply;
  };
});

/** Uploads rows of a table, each under the default name of a text. */
async function uploadTexts(rows: Array<Json & { text: string }>, options: Json = {}, more: Json = {}): Promise<RunResult> {
  const node = ourNode('UploadFile', { inputType: 'text', text: '={{ $json.text }}', options }, more);
  return await bench.engine.run(chain(node), { inputItems: rows.map((json) => ({ json })) });
}

const rows = (...texts: string[]): Array<Json & { text: string }> => texts.map((text) => ({ text }));
const numbered = (count: number): Array<Json & { text: string }> => rows(...Array.from({ length: count }, (_, index) => `Row ${index}`));
const outputs = (result: RunResult): Json[] => (result.nodes['UploadFile']?.items ?? []).map(({ json }) => json);
const actions = (result: RunResult): unknown[] => outputs(result).map(({ action }) => action);
const listings = (): number => server.seen('GET', LIST).length;

describe('Upload File with many items of one name', () => {
  it('lists the name once for a run, whatever the number of items', async () => {
    server.addFile(NAME, 'Row 3');
    expect(new Set(actions(await uploadTexts(numbered(40))))).toEqual(new Set(['uploaded', 'reused']));
    expect([listings(), recordsRead, server.files.size]).toEqual([1, 1, 40]);
    expect(new Set(actions(await uploadTexts(numbered(40))))).toEqual(new Set(['reused']));
    expect([listings(), recordsRead]).toEqual([2, 41]);
  });

  it('lists it once with other choices for equal files as well', async () => {
    for (const ifSameContent of ['replace', 'fail']) {
      server.files.clear();
      server.requests.length = 0;
      expect(new Set(actions(await uploadTexts(numbered(10), { ifSameContent })))).toEqual(new Set(['uploaded']));
      expect(listings()).toBe(1);
    }
  });

  it('knows what the run has sent, given out and deleted', async () => {
    const old = server.addFile(NAME, 'A');
    const options = { ifSameContent: '={{ $json.choice }}' };
    const choices = ['replace', 'reuse', 'replace', 'fail'].map((choice) => ({ text: 'A', choice }));
    const result = await uploadTexts([...choices, { text: 'B', choice: 'reuse' }, { text: 'B', choice: 'reuse' }], options, { onError: 'continueRegularOutput' });
    expect(outputs(result).map(({ action, error }) => action ?? error)).toEqual(['replaced', 'reused', 'reused', `"${NAME}" is already on the server`, 'uploaded', 'reused']);
    expect(server.files.has(old.id)).toBe(false);
    expect(outputs(result)[1]).toMatchObject({ id: outputs(result)[0]?.['id'], status: 'completed' });
    expect(server.files.size).toBe(2);
    expect(listings()).toBe(1);
  });

  it('does not reuse a file that the run has sent and that could not be processed', async () => {
    const broken = '%PDF-1.7 broken';
    const result = await uploadTexts(rows(broken, broken), {}, { onError: 'continueRegularOutput' });
    expect(outputs(result).map(({ error }) => error)).toEqual([1, 2].map(() => `"${NAME}" could not be processed: ${BROKEN_PDF}`));
    expect(server.seen('POST', FILES)).toHaveLength(2);
    expect(listings()).toBe(1);
  });

  it('finds what an item has sent without looking', async () => {
    const options = { ifSameContent: '={{ $json.choice }}', concurrency: 1 };
    const result = await uploadTexts(['reuse', 'upload', 'reuse'].map((choice, index) => ({ text: index === 0 ? 'A' : 'B', choice })), options);
    expect(actions(result)).toEqual(['uploaded', 'uploaded', 'reused']);
    expect(server.files.size).toBe(2);
  });

  it('looks again after an answer that was lost for good: the file may have arrived', async () => {
    server.script('POST', FILES, { status: 502, body: 'bad gateway', times: 6 });
    server.onRequest = ({ method }) => {
      // Arrives too late for the item itself.
      if (method === 'POST' && server.seen('POST', FILES).length === 6) server.addFile(NAME, 'A');
    };
    const result = await uploadTexts(rows('A', 'A'), {}, { onError: 'continueRegularOutput' });
    expect(outputs(result).map(({ action, error }) => action ?? error)).toEqual(['bad gateway', 'reused']);
    expect(server.files.size).toBe(1);
  });

  it('looks again after a list that could not be had', async () => {
    server.script('GET', LIST, { status: 400, body: { detail: 'no list' }, times: 1 });
    const result = await uploadTexts(rows('A', 'B', 'C'), {}, { onError: 'continueRegularOutput' });
    expect(outputs(result).map(({ action, error }) => action ?? error)).toEqual(['no list', 'uploaded', 'uploaded']);
    expect(listings()).toBe(2);
  });
});
