import { setTimeout as delay } from 'node:timers/promises';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { fileForm } from '../../real/client.ts';
import { ALL_EVENTS, watchBases, Watcher } from '../support/watcher.ts';
import { ourNode } from '../support/workflows.ts';
import type { LiveServer } from './live-server.ts';
import { OPEN_WITHIN_MS, openLiveServer, openWebUiOnly, TEST_WITHIN_MS } from './live-server.ts';

let server: LiveServer;

beforeAll(async () => {
  server = await openLiveServer();
}, OPEN_WITHIN_MS);

afterAll(async () => await server.close());

type Metadata = { knowledge_id?: string };

async function upload(name: string, text: string, metadata: Metadata = {}): Promise<string> {
  const form = fileForm(text, `${name}-${server.run}.txt`);
  form.append('metadata', JSON.stringify(metadata));
  return ((await server.call('POST', '/api/v1/files/', { form })).json as { id: string }).id;
}

async function newBase(name: string): Promise<string> {
  const answer = await server.call('POST', '/api/v1/knowledge/create', { json: { name: `${name} ${server.run}`, description: '' } });
  return (answer.json as { id: string }).id;
}

async function settled(id: string): Promise<void> {
  for (;;) {
    const { status } = (await server.call('GET', `/api/v1/files/${id}/process/status`)).json as { status: string };
    if (status === 'completed' || status === 'failed') return;
    await delay(100);
  }
}

/** An active workflow on the files of this test alone: others may use the server. */
async function watch(name: string, parameters: object = {}): Promise<Watcher> {
  const options = { nameFilter: `${name}*-${server.run}.txt` };
  const watcher = new Watcher(server.engine, { events: ALL_EVENTS, options, ...parameters });
  expect(await watcher.events()).toEqual([]);
  return watcher;
}

const named = (event: string, name: string): string => `${event} ${name}-${server.run}.txt`;

describe('The Knowledge Trigger on a real server', () => {
  it('tells once of a new file, and that it is gone', async () => {
    const watcher = await watch('life');
    const id = await upload('life', `The first text ${server.run}`);
    await settled(id);
    expect(await watcher.items()).toMatchObject([{ event: 'searchable', id, isUpdate: false, status: 'completed', hash: expect.stringMatching(/^[0-9a-f]{64}$/) as unknown }]);
    expect(await watcher.events()).toEqual([]);
    await server.call('DELETE', `/api/v1/files/${id}`);
    expect(await watcher.events()).toEqual([named('removed', 'life')]);
    expect(await watcher.events()).toEqual([]);
  }, TEST_WITHIN_MS);

  openWebUiOnly('tells of a new text as an update', 'the runtime has no way to change the text of a file', async () => {
    const base = await newBase('Changing');
    const id = await upload('changing', `The first text ${server.run}`, { knowledge_id: base });
    await settled(id);
    const watchers = [await watch('changing'), await watch('changing', watchBases(base))];
    await server.call('POST', `/api/v1/files/${id}/data/content/update`, { json: { content: `The second text ${server.run}` } });
    await settled(id);
    for (const watcher of watchers) {
      expect(await watcher.items()).toMatchObject([{ event: 'searchable', id, isUpdate: true }]);
      expect(await watcher.events()).toEqual([]);
    }
  });

  it('tells once of a file that the server cannot process, with its reason', async () => {
    const watcher = await watch('blank');
    await settled(await upload('blank', '   \n'));
    const told = [...(await watcher.items()), ...(await watcher.items()), ...(await watcher.items())];
    expect(told).toMatchObject([{ event: 'failed', status: 'failed', reason: expect.stringMatching(/empty|no text/i) as unknown }]);
  }, TEST_WITHIN_MS);

  it('tells of a file as searchable alone when somebody adds it to a knowledge base while it is read', async () => {
    const watcher = await watch('early');
    const base = await newBase('Early');
    const text = Array.from({ length: 300 }, (_, index) => `Paragraph ${index} of ${server.run} tells of the kettle number ${index}.`).join('\n\n');
    const id = await upload('early', text);
    await server.call('POST', `/api/v1/knowledge/${base}/file/add`, { json: { file_id: id } });
    const told = await watcher.events();
    while (((await server.call('GET', `/api/v1/files/${id}`)).json as { hash: string | null }).hash === null) await delay(200);
    await settled(id);
    told.push(...(await watcher.events()), ...(await watcher.events()));
    expect(told).toEqual([named('searchable', 'early')]);
  }, TEST_WITHIN_MS);

  it('tells of files as they come into a knowledge base, fail on their way into it, and leave it', async () => {
    const base = await newBase('Watched');
    const early = await upload('early-bird', `Uploaded before ${server.run}`);
    await settled(early);
    const watcher = await watch('', watchBases(base));
    await settled(await upload('straight', `Uploaded into the base ${server.run}`, { knowledge_id: base }));
    await settled(await upload('blank-in', '   \n', { knowledge_id: base }));
    const told = [...(await watcher.events()), ...(await watcher.events())];
    expect(told.toSorted()).toEqual([named('failed', 'blank-in'), named('searchable', 'straight')]);

    await server.call('POST', `/api/v1/knowledge/${base}/file/add`, { json: { file_id: early } });
    expect(await watcher.items()).toMatchObject([{ event: 'searchable', id: early, knowledgeId: base, knowledgeName: `Watched ${server.run}` }]);
    await server.call('POST', `/api/v1/knowledge/${base}/file/remove?delete_file=false`, { json: { file_id: early } });
    expect(await watcher.events()).toEqual([named('removed', 'early-bird')]);
    await server.call('POST', `/api/v1/knowledge/${base}/file/add`, { json: { file_id: early } });
    expect(await watcher.events()).toEqual([named('searchable', 'early-bird')]);
    await server.call('DELETE', `/api/v1/files/${early}`);
    expect(await watcher.events()).toEqual([named('removed', 'early-bird')]);
    expect(await watcher.events()).toEqual([]);
  }, TEST_WITHIN_MS);

  it('shows the words of the server for a knowledge base that is gone', async () => {
    const base = await newBase('Gone');
    const watcher = await watch('', watchBases(base));
    await server.call('DELETE', `/api/v1/knowledge/${base}/delete`);
    expect((await watcher.poll()).error).toMatchObject({ name: 'NodeApiError', httpCode: '404', message: "We could not find what you're looking for :/" });
  });

  it('shows the newest real file as a test event', async () => {
    const id = await upload('shown', `To be shown ${server.run}`);
    await settled(id);
    const node = ourNode('KnowledgeTrigger', { options: { nameFilter: `shown-${server.run}*` } });
    const result = await server.engine.run({ nodes: [node], connections: {} }, { startNode: 'KnowledgeTrigger' });
    expect(result.nodes['KnowledgeTrigger']?.items).toMatchObject([{ json: { event: 'searchable', id } }]);
  }, TEST_WITHIN_MS);
});
