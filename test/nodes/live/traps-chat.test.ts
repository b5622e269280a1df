import { randomUUID } from 'node:crypto';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { startRuntime } from '../../support/runtime.ts';
import { startScriptedOllama } from '../../support/scripted-ollama.ts';
import type { ScriptedReply } from '../../support/scripted-server.ts';
import { spawnEngine } from '../support/engine-client.ts';
import type { Json, WorkflowNode } from '../support/engine-types.ts';
import { chain, locator, ourNode } from '../support/workflows.ts';
import { firstOf, knowledgeBasesOf, ONE_ITEM, OPEN_WITHIN_MS, openLiveServer, openWebUiOnly, runtimeOnly, TEST_WITHIN_MS, textFile } from './live-server.ts';
import type { LiveServer } from './live-server.ts';

let server: LiveServer;
let knowledgeId = '';

const FACT = 'lasts 27 months from the day of purchase';

beforeAll(async () => {
  server = await openLiveServer();
  const file = textFile(`warranty-${server.run}.txt`, `The warranty of the Aurora kettle (${server.run}) ${FACT}.`);
  const add = ourNode('AddToKnowledge', { knowledge: locator('name', `Kettles ${server.run}`), createIfMissing: true });
  knowledgeId = String(firstOf(await server.execute([file], ourNode('UploadFile', {}), add), 'AddToKnowledge')['knowledgeId']);
}, OPEN_WITHIN_MS);

afterAll(async () => await server.close());

const QUESTION = 'How many months does the warranty of the Aurora kettle last?';
const chat = (parameters: Json): WorkflowNode => ourNode('ChatCompletion', { model: locator('id', server.chatModel), prompt: QUESTION, ...parameters });
const json = (messages: Json[], more: Json = {}): WorkflowNode => chat({ messageMode: 'json', messagesJson: JSON.stringify(messages), ...more });
const kettles = (): Json => knowledgeBasesOf(`Kettles ${server.run}`);
const grounded = { requireSources: 'fail' };

describe('Trap 1, knowledge attached to a workspace model', () => {
  openWebUiOnly('is never a silent answer without it: there are sources, or the item fails', 'the runtime has no workspace models', async () => {
    const id = `kettle-expert-${server.run}`;
    const meta = { knowledge: [{ id: knowledgeId, name: `Kettles ${server.run}`, type: 'collection' }] };
    expect((await server.call('POST', '/api/v1/models/create', { json: { id, name: id, base_model_id: server.chatModel, meta, params: {} } })).status).toBe(200);
    try {
      await server.call('GET', '/api/models?refresh=true');
      const result = await server.execute(ONE_ITEM, chat({ model: locator('id', id), options: grounded }));
      expect(firstOf(result, 'ChatCompletion')).toMatchObject({ content: expect.stringContaining(FACT) as unknown, sources: [expect.objectContaining({ file: `warranty-${server.run}.txt` })] });
    } finally {
      await server.call('POST', '/api/v1/models/model/delete', { json: { id } });
    }
  });
});

describe('Trap 4, a file or knowledge base that is not there', () => {
  it('is an error when sources are wanted', async () => {
    for (const options of [{ fileIds: randomUUID() }, { knowledgeIds: randomUUID() }]) {
      const { error } = await server.execute(ONE_ITEM, chat({ options: { ...options, ...grounded } }));
      expect(error?.node).toBe('ChatCompletion');
    }
  }, TEST_WITHIN_MS);

  it('is told otherwise too: as an error or a hint, never as a plain answer', async () => {
    const { nodes, error } = await server.execute(ONE_ITEM, chat({ options: { fileIds: randomUUID(), requireSources: 'off' } }));
    expect([...(nodes['ChatCompletion']?.hints ?? []), error?.message ?? ''].join('')).not.toBe('');
  }, TEST_WITHIN_MS);
});

describe('Trap 5, sources that the model never saw', () => {
  it.each([
    ['the last message of the user is null', [{ role: 'user', content: null }]],
    ['the last message of the user is empty', [{ role: 'user', content: ' ' }]],
    ['there is no message of the user', [{ role: 'assistant', content: QUESTION }]],
  ])('are not shown when %s: the item fails', async (_case, messages) => {
    const { error } = await server.execute(ONE_ITEM, json(messages, { knowledgeBases: kettles() }));
    expect(error?.node).toBe('ChatCompletion');
    expect(error?.message).toMatch(/message|question/iu);
  }, TEST_WITHIN_MS);

  it('are not shown where there are none to see: the passage is in what the model was given', async () => {
    const messages = [{ role: 'user', content: QUESTION }, { role: 'assistant', content: 'Let me look.' }];
    const answer = firstOf(await server.execute(ONE_ITEM, json(messages, { knowledgeBases: kettles(), options: grounded })), 'ChatCompletion');
    expect(answer).toMatchObject({ content: expect.stringContaining(FACT) as unknown, sources: [expect.anything()] });
  }, TEST_WITHIN_MS);
});

describe('Trap 6, a text in the request that is no source', () => {
  const withText = (text: Json): WorkflowNode => chat({ options: { ...grounded, additionalBodyFields: JSON.stringify({ files: [{ type: 'text', content: `The warranty ${FACT}.`, ...text }] }) } });

  it('is a source once it has a name', async () => {
    const answer = firstOf(await server.execute(ONE_ITEM, withText({ name: 'note' })), 'ChatCompletion');
    expect(answer).toMatchObject({ content: expect.stringContaining(FACT) as unknown, sources: [expect.objectContaining({ text: `The warranty ${FACT}.` })] });
  }, TEST_WITHIN_MS);

  runtimeOnly('is a source without a name too', 'Open WebUI leaves it out of the sources', async () => {
    expect(firstOf(await server.execute(ONE_ITEM, withText({})), 'ChatCompletion')['sources']).toHaveLength(1);
  });

  openWebUiOnly('without a name fails the item that wants sources', 'the runtime counts it as a source', async () => {
    expect((await server.execute(ONE_ITEM, withText({}))).error?.message).toContain('Nothing was found');
  });
});

describe('Trap 10, a message whose content is null', () => {
  it('of an assistant that called a tool is taken by every model', async () => {
    const call = { id: 'call_1', type: 'function', function: { name: 'look', arguments: '{}' } };
    const messages = [
      { role: 'user', content: 'Look at the gauge.' },
      { role: 'assistant', content: null, tool_calls: [call] },
      { role: 'tool', tool_call_id: 'call_1', content: '27' },
      { role: 'user', content: 'What does it say?' },
    ];
    for (const model of new Set([server.chatModel, server.languageModel])) {
      const answer = firstOf(await server.execute(ONE_ITEM, json(messages, { model: locator('id', model), options: { maxTokens: 3 } })), 'ChatCompletion');
      expect(answer['content']).not.toBe('');
    }
  }, TEST_WITHIN_MS);
});

describe('Trap 11, parameters that get lost on the way to Ollama', () => {
  it('do not: the same seed gives the same answer, however warm, and the limit of tokens holds', async () => {
    const options = { seed: 7, temperature: 1.5, maxTokens: 5 };
    const ask = async (): Promise<Json> => firstOf(await server.execute(ONE_ITEM, chat({ model: locator('id', server.languageModel), prompt: 'Tell a story.', options })), 'ChatCompletion');
    const [first, second] = [await ask(), await ask()];
    expect(first['content']).not.toBe('');
    expect(second['content']).toBe(first['content']);
    const usage = first['usage'] as Record<string, number>;
    expect(usage['completionTokens'] ?? usage['completion_tokens']).toBeLessThanOrEqual(5);
  }, TEST_WITHIN_MS);
});

/** A runtime before a scripted Ollama: no test can put one behind a running Open WebUI. */
async function withOllama(override: (path: string) => ScriptedReply | undefined, test: (ask: (streaming: boolean) => ReturnType<LiveServer['execute']>) => Promise<void>): Promise<void> {
  const ollama = await startScriptedOllama({ override: ({ path }) => override(path) });
  const runtime = await startRuntime({ env: { OLLAMA_BASE_URLS: ollama.url } });
  const engine = await spawnEngine({ baseUrl: runtime.baseUrl, apiKey: runtime.apiKey });
  try {
    const node = ourNode('ChatCompletion', { model: locator('id', 'echo:latest'), prompt: 'Hello' });
    await test(async (streaming) => await engine.run(chain(node), { streaming }));
  } finally {
    await engine.close();
    await runtime.stop();
    await ollama.close();
  }
}

const NO_OLLAMA = 'no test can put a failing Ollama behind a running Open WebUI';

describe('Trap 12, an error in the middle of the stream', () => {
  runtimeOnly('fails the item with the words of Ollama, and does not end as a whole answer', NO_OLLAMA, async () => {
    const lines = [{ message: { role: 'assistant', content: 'The war' }, done: false }, { error: 'an unknown error was encountered while running the model' }];
    const broken = (path: string): ScriptedReply | undefined =>
      path === '/api/chat' ? { kind: 'chunks', contentType: 'application/x-ndjson', chunks: lines.map((line) => `${JSON.stringify(line)}\n`) } : undefined;
    await withOllama(broken, async (ask) => {
      const { error, nodes } = await ask(true);
      expect(error?.message).toContain('an unknown error was encountered');
      expect(nodes['ChatCompletion']?.items).toEqual([]);
    });
  });
});

describe('Trap 23, an error that depends on what was listed before', () => {
  runtimeOnly('tells of the dead Ollama each time, not of a model that does not exist', NO_OLLAMA, async () => {
    let dead = false;
    await withOllama(() => (dead ? { kind: 'reset' } : undefined), async (ask) => {
      expect((await ask(false)).error).toBeUndefined();
      dead = true;
      const messages = [(await ask(false)).error, (await ask(false)).error].map((error) => `${error?.httpCode} ${error?.message}`);
      expect(messages[0]).toBe(messages[1]);
      expect(messages[0]).not.toMatch(/not found/iu);
      expect(messages[0]).toMatch(/ollama|reach|connect/iu);
    });
  });
});
