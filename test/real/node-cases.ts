import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';

import type { Cases } from '../n8n/cases.ts';
import { spawnEngine } from '../nodes/support/engine-client.ts';
import type { Engine, InputItem, Json, RunResult, WorkflowNode } from '../nodes/support/engine-types.ts';
import { chain, locator, ourNode } from '../nodes/support/workflows.ts';
import { call } from './client.ts';
import type { Target } from './client.ts';
import { ECHO_MODEL } from '../support/echo-model.ts';

/** A server, n8n's engine with the built nodes in front of it, and this run's names. */
type Bench = { target: Target; engine: Engine; model: string; echo: string; run: string; warranty: string };
type Item = Record<string, unknown>;

const textFile = (fileName: string, text: string): InputItem => ({ json: {}, files: { data: { fileName, mimeType: 'text/plain', text } } });
const itemsOf = (result: RunResult, node: string): Item[] => (result.nodes[node]?.items ?? []).map(({ json }) => json);
const firstOf = (result: RunResult, node: string): Item => {
  assert.equal(result.error, undefined, `${result.error?.message ?? ''} ${result.error?.description ?? ''}`);
  return itemsOf(result, node)[0] ?? {};
};
const knowledgeOf = ({ run }: Bench): Json => locator('name', `Kettles ${run}`);
const ingest = (bench: Bench): WorkflowNode[] => [ourNode('UploadFile', {}), ourNode('AddToKnowledge', { knowledge: knowledgeOf(bench), createIfMissing: true })];
const execute = (bench: Bench, inputItems: InputItem[], ...nodes: WorkflowNode[]): Promise<RunResult> => bench.engine.run(chain(...nodes), { inputItems });
const question = (bench: Bench, model: string, options: Json): WorkflowNode =>
  ourNode('ChatCompletion', {
    model: locator('id', model),
    prompt: 'How many months does the warranty of the Aurora kettle last?',
    knowledgeBases: { values: [{ knowledge: knowledgeOf(bench) }] },
    options,
  });

/** The six nodes against one server; the same list for every server. `model` is a real model of its Ollama. */
export async function nodeCases(cases: Cases, target: Target, model: string): Promise<void> {
  const run = randomUUID().slice(0, 8);
  const engine = await spawnEngine({ baseUrl: target.baseUrl, apiKey: target.apiKey });
  const listed = (await call(target, 'GET', '/api/models')).json.data as Array<{ id: string }>;
  // A server that the caller started may have nothing but its Ollama.
  const echo = listed.some(({ id }) => id === ECHO_MODEL) ? ECHO_MODEL : model;
  const warranty = `The warranty of the Aurora kettle (${run}) lasts 27 months from the day of purchase.`;
  const bench: Bench = { target, engine, model, echo, run, warranty };
  try {
    await modelCases(cases, bench);
    await fileCases(cases, bench);
    await queryCases(cases, bench);
    await chatCases(cases, bench);
    await errorCases(cases, bench);
  } finally {
    await engine.close();
  }
}

async function modelCases(cases: Cases, bench: Bench): Promise<void> {
  const { target, engine, model } = bench;
  await cases.test(`on ${target.name}, List Models and the pickers name the real model`, async () => {
    const ids = itemsOf(await execute(bench, [{ json: {} }], ourNode('ListModels', { returnAll: true })), 'ListModels').map(({ id }) => id);
    assert.ok(ids.includes(model), String(ids));
    const chat = await engine.listSearch({ node: 'openWebUiChatCompletion', method: 'searchModels' });
    const embed = await engine.listSearch({ node: 'openWebUiOllamaEmbed', method: 'searchOllamaModels' });
    assert.ok(chat.results.some(({ value }) => value === model), JSON.stringify(chat.results));
    // Models that embed where there are some; a server that has none of them offers what it has.
    const embedders = itemsOf(await execute(bench, [{ json: {} }], ourNode('ListModels', { returnAll: true, options: { capability: 'embedding' } })), 'ListModels');
    const offered = embed.results.map(({ value }) => value);
    if (embedders.length === 0) assert.ok(offered.includes(model), String(offered));
    else assert.deepEqual(offered.sort(), embedders.map(({ id }) => id).sort());
  });
  await cases.test(`on ${target.name}, Ollama Embed gives vectors of one length for English and Japanese`, async () => {
    const items = [{ json: { text: bench.warranty } }, { json: { text: '保証は二年です。' } }];
    const result = await execute(bench, items, ourNode('OllamaEmbed', { model: locator('id', model), output: 'embeddingOnly' }));
    assert.equal(result.error, undefined, result.error?.message);
    const lengths = itemsOf(result, 'OllamaEmbed').map(({ embedding }) => (embedding as number[]).length);
    assert.equal(lengths.length, 2);
    assert.ok(lengths[0] === lengths[1] && Number(lengths[0]) > 100, String(lengths));
  });
}

async function fileCases(cases: Cases, bench: Bench): Promise<void> {
  const { target, run, warranty } = bench;
  const original = textFile(`warranty-${run}.txt`, warranty);
  await cases.test(`on ${target.name}, a file is uploaded, waited for and put into a new knowledge base`, async () => {
    const result = await execute(bench, [original, textFile(`cleaning-${run}.txt`, `Clean the Aurora kettle (${run}) with citric acid.`)], ...ingest(bench));
    assert.equal(result.error, undefined, result.error?.message);
    assert.deepEqual(itemsOf(result, 'UploadFile').map(({ status, action }) => [status, action]), [['completed', 'uploaded'], ['completed', 'uploaded']]);
    assert.deepEqual(itemsOf(result, 'AddToKnowledge').map(({ action, fileCount }) => [action, fileCount]), [['added', 1], ['added', 2]]);
  });
  await cases.test(`on ${target.name}, the same file again changes nothing`, async () => {
    const result = await execute(bench, [original], ...ingest(bench));
    assert.equal(firstOf(result, 'UploadFile')['action'], 'reused');
    const { action, fileCount } = firstOf(result, 'AddToKnowledge');
    assert.deepEqual([action, fileCount], ['unchanged', 2]);
  });
  await cases.test(`on ${target.name}, an equal text under another name is skipped and both files stay healthy (trap 3)`, async () => {
    const copy = textFile(`copy-${run}.txt`, warranty);
    const result = await execute(bench, [copy], ...ingest(bench));
    const { action, fileCount } = firstOf(result, 'AddToKnowledge');
    assert.deepEqual([action, fileCount], ['skipped', 2]);
    for (const file of [original, copy]) {
      const again = firstOf(await execute(bench, [file], ourNode('UploadFile', {})), 'UploadFile');
      assert.deepEqual([again['action'], again['status']], ['reused', 'completed']);
      const record = (await call(target, 'GET', `/api/v1/files/${String(again['id'])}`)).json;
      assert.equal(record.data.status, 'completed');
      assert.equal(typeof record.hash, 'string');
    }
  });
  await cases.test(`on ${target.name}, a file is taken out of the knowledge base once, stays, and can be added again`, async () => {
    const cleaning = textFile(`cleaning-${run}.txt`, `Clean the Aurora kettle (${run}) with citric acid.`);
    const remove = ourNode('AddToKnowledge', { operation: 'remove', knowledge: knowledgeOf(bench) });
    for (const expected of ['removed', 'unchanged']) {
      const { action, fileCount } = firstOf(await execute(bench, [cleaning], ourNode('UploadFile', {}), remove), 'AddToKnowledge');
      assert.deepEqual([action, fileCount], [expected, 1]);
    }
    const again = await execute(bench, [cleaning], ...ingest(bench));
    assert.equal(firstOf(again, 'UploadFile')['action'], 'reused');
    const { action, fileCount } = firstOf(again, 'AddToKnowledge');
    assert.deepEqual([action, fileCount], ['added', 2]);
  });
  await cases.test(`on ${target.name}, the pickers find the files and the knowledge base by a part of the name`, async () => {
    const bases = await bench.engine.listSearch({ node: 'openWebUiAddToKnowledge', method: 'searchKnowledge', filter: run });
    assert.deepEqual(bases.results.map(({ name }) => name), [`Kettles ${run}`]);
    const files = await bench.engine.listSearch({ node: 'openWebUiChatCompletion', method: 'searchFiles', filter: `cleaning-${run}` });
    assert.deepEqual(files.results.map(({ name }) => name), [`cleaning-${run}.txt`]);
  });
}

async function queryCases(cases: Cases, bench: Bench): Promise<void> {
  const { target, run, warranty } = bench;
  const query = (parameters: Json): WorkflowNode => ourNode('QueryKnowledge', { query: 'How many months does the warranty of the Aurora kettle last?', ...parameters });
  await cases.test(`on ${target.name}, Query Knowledge finds the passage without a model and names an unknown knowledge base`, async () => {
    const found = await execute(bench, [{ json: {} }], query({ knowledgeBases: { values: [{ knowledge: knowledgeOf(bench) }] }, options: { topK: 1 } }));
    const hit = firstOf(found, 'QueryKnowledge');
    assert.deepEqual([hit['text'], hit['file'], hit['rank']], [warranty, `warranty-${run}.txt`, 1]);
    for (const key of ['score', 'similarity']) assert.ok(Number(hit[key]) > 0 && Number(hit[key]) <= 1, JSON.stringify(hit));
    assert.equal(itemsOf(found, 'QueryKnowledge').length, 1);
    const inFile = await execute(bench, [{ json: {} }], query({ options: { fileIds: hit['fileId'], output: 'perQuery' } }));
    assert.deepEqual((firstOf(inFile, 'QueryKnowledge')['results'] as Item[]).map(({ text }) => text), [warranty]);
    const unknown = await execute(bench, [{ json: {} }], query({ options: { knowledgeIds: randomUUID() } }));
    assert.equal(unknown.error?.node, 'QueryKnowledge');
    assert.match(unknown.error.message, /could not find/iu);
  });
}

async function chatCases(cases: Cases, bench: Bench): Promise<void> {
  const { target, model, echo, run } = bench;
  await cases.test(`on ${target.name}, a question to a knowledge base is answered with the file it rests on`, async () => {
    const options = { requireSources: true, ...(echo === model ? { maxTokens: 30 } : {}) };
    const answer = firstOf(await execute(bench, [{ json: {} }], question(bench, echo, options)), 'ChatCompletion');
    assert.ok((answer['sources'] as Item[]).some(({ file }) => file === `warranty-${run}.txt`), JSON.stringify(answer['sources']));
    // The echo shows what the model was given: the passage itself.
    if (echo !== model) assert.match(String(answer['content']), /lasts 27 months/u);
    else assert.notEqual(answer['content'], '');
  });
  await cases.test(`on ${target.name}, the same question streams to a trigger that streams, sources and all`, async () => {
    const options = { requireSources: true, ...(echo === model ? { maxTokens: 30 } : {}) };
    const result = await bench.engine.run(chain(question(bench, echo, options)), { streaming: true });
    const answer = firstOf(result, 'ChatCompletion');
    const chunks = result.chunks.filter(({ type }) => type === 'item').map(({ content }) => content);
    assert.ok(chunks.length > 3);
    assert.equal(chunks.join(''), answer['content']);
    assert.ok((answer['sources'] as Item[]).length > 0);
  });
  await cases.test(`on ${target.name}, the real model answers within its limit of tokens`, async () => {
    const node = ourNode('ChatCompletion', { model: locator('id', model), prompt: 'Name three colours.', options: { maxTokens: 30 } });
    const answer = firstOf(await execute(bench, [{ json: {} }], node), 'ChatCompletion');
    assert.ok(String(answer['content']).length > 0);
    const usage = answer['usage'] as Record<string, number> | undefined;
    assert.ok((usage?.['completionTokens'] ?? usage?.['completion_tokens'] ?? Infinity) <= 30, JSON.stringify(answer));
  });
}

async function errorCases(cases: Cases, bench: Bench): Promise<void> {
  const { target, engine, echo } = bench;
  await cases.test(`on ${target.name}, a refused key and an unknown model are told in the server's words`, async () => {
    const refused = await engine.run(chain(ourNode('ListModels', {})), { credential: { apiKey: 'sk-wrong' } });
    assert.equal(refused.error?.httpCode, '401');
    assert.equal((await engine.testCredential({ apiKey: 'sk-wrong' })).ok, false);
    assert.equal((await engine.testCredential()).ok, true);
    const unknown = await execute(bench, [{ json: {} }], question(bench, 'no-such-model', {}));
    assert.equal(unknown.error?.name, 'NodeApiError');
    assert.match(unknown.error.message, /not found/iu);
  });
  await cases.test(`on ${target.name}, an unknown file fails the chat that needs it and the add`, async () => {
    const options = { fileIds: randomUUID(), requireSources: true, maxTokens: 5 };
    const chat = await execute(bench, [{ json: {} }], ourNode('ChatCompletion', { model: locator('id', echo), prompt: 'x', options }));
    assert.equal(chat.error?.node, 'ChatCompletion');
    const add = await execute(bench, [{ json: {} }], ourNode('AddToKnowledge', { knowledge: knowledgeOf(bench), fileId: randomUUID() }));
    assert.equal(add.error?.node, 'AddToKnowledge');
    assert.match(`${add.error.message} ${add.error.description ?? ''}`, /file/iu);
  });
}
