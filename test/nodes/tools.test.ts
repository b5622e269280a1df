import { describe, expect, it } from '@jest/globals';
import { join } from 'node:path';

import type { ToolCall, ToolInfo } from './support/agent-node.ts';
import { openBench } from './support/bench.ts';
import type { Json, RunResult, WorkflowNode } from './support/engine-types.ts';
import { newerHostOnly } from './support/hosts.ts';
import { locator } from './support/workflows.ts';

const bench = openBench(() => ({ substituteModules: [join(import.meta.dirname, 'support', 'agent-node.ts')] }));
const { server } = bench;

/** One of our nodes as a tool, named as n8n names it. */
function toolNode(name: string, parameters: Json): WorkflowNode {
  const kind = name.replaceAll(/(?:^| )(\w)/g, (_, letter: string) => letter.toUpperCase());
  return { name, type: `n8n-nodes-openwebui-rag.openWebUi${kind}Tool`, parameters };
}

const fromAi = (key: string, description: string, type = 'string'): string => `={{ $fromAI('${key}', '${description}', '${type}') }}`;

/** Runs an agent with these tools, which makes these calls. */
async function runAgent(tools: WorkflowNode[], calls: ToolCall[], by: string, streaming = false): Promise<RunResult> {
  const nodes = [
    { name: 'Start', type: 'n8n-nodes-base.manualTrigger' },
    { name: 'Agent', type: 'test.agent', parameters: { calls, by } },
    ...tools,
  ];
  const toAgent = tools.map(({ name }) => [name, { ai_tool: [[{ node: 'Agent', type: 'ai_tool', index: 0 }]] }] as const);
  const connections = { Start: { main: [[{ node: 'Agent', type: 'main', index: 0 }]] }, ...Object.fromEntries(toAgent) };
  const result = await bench.engine.run({ nodes, connections }, { inputItems: [{ json: { chatInput: 'Hello' } }], streaming });
  expect(result.error).toBeUndefined();
  return result;
}

type AgentOutput = { tools: ToolInfo[]; replies: string[] };
const outputOf = (result: RunResult): AgentOutput => result.nodes['Agent']?.items[0]?.json as AgentOutput;

/** What the model would read of one call; always a list of objects. */
async function call(tool: WorkflowNode, args: Json, by: string): Promise<Json[]> {
  const { replies } = outputOf(await runAgent([tool], [{ tool: tool.name.replaceAll(' ', '_'), args }], by));
  return JSON.parse(replies[0] ?? '') as Json[];
}

const inBase = (name: string): Json => ({ knowledgeBases: { values: [{ knowledge: locator('name', name) }] } });
const queryTool = (more: Json = {}): WorkflowNode =>
  toolNode('Query Knowledge', { query: fromAi('query', 'What to look for'), ...inBase('Manuals'), ...more });

function manuals(...texts: string[]): string {
  return server.addBase('Manuals', texts.map((text, index) => server.addFile(`${index}.txt`, text))).id;
}

describe('The nodes as tools', () => {
  it.each([
    ['Query Knowledge', /search.*documents.*passages.*file, page and score/iu],
    ['Chat Completion', /ask.*question.*answer.*sources/iu],
    ['Upload File', /document.*searchable.*file ID/iu],
    ['Add to Knowledge', /add.*files.*knowledge base.*remove/iu],
    ['Ollama Embed', /vectors.*how close two texts are in meaning/iu],
    ['List Models', /list.*models.*IDs.*what each can do/iu],
  ])('tell an agent what %s does and what comes back, without a word of the user', async (name, does) => {
    const { tools } = outputOf(await runAgent([toolNode(name, {})], [], 'agent'));
    expect(tools).toEqual([{ name: name.replaceAll(' ', '_'), description: expect.stringMatching(does), parameters: {} }]);
  });

  it('do not include the trigger', async () => {
    await expect(runAgent([toolNode('Knowledge Trigger', {})], [], 'agent')).rejects.toThrow('openWebUiKnowledgeTrigger is not usable as a tool');
  });

  it('ask the model for what the user leaves to it, by name, type and description', async () => {
    const tool = queryTool({ options: { topK: fromAi('limit', 'How many passages', 'number') } });
    const { tools } = outputOf(await runAgent([tool], [], 'agent'));
    expect(tools[0]?.parameters).toEqual({
      query: { type: 'string', description: 'What to look for' },
      limit: { type: 'number', description: 'How many passages' },
    });
  });

  it('say what the user wrote into the field for the description', async () => {
    const tools = [queryTool({ toolDescription: 'Search the manuals of our machines.' })];
    expect(outputOf(await runAgent(tools, [], 'agent')).tools[0]?.description).toBe('Search the manuals of our machines.');
  });
});

// Agents up to version 2, and MCP servers, call a tool themselves; those of version 3 let the engine run it.
describe.each(['agent', 'engine'])('A tool that the %s runs', (by) => {
  it('finds passages for the query of the model, and gives text, place and score alone', async () => {
    manuals('Two years.', 'Ask the dealer.');
    const passages = await call(queryTool(), { query: 'How long is the warranty?' }, by);
    expect(passages).toEqual([
      { text: 'Two years.', file: '0.txt', fileId: expect.any(String), page: 2, score: 0.8, rank: 1 },
      { text: 'Ask the dealer.', file: '1.txt', fileId: expect.any(String), page: 2, score: 0.7, rank: 2 },
    ]);
    expect(server.seen('POST', '/api/v1/retrieval/query/collection')[0]?.body).toMatchObject({ query: 'How long is the warranty?' });
  });

  it('gives no more than that of the passages of a query in one item', async () => {
    manuals('Two years.');
    expect(await call(queryTool({ options: { output: 'perQuery' } }), { query: 'How long?' }, by)).toEqual([
      { results: [{ text: 'Two years.', file: '0.txt', fileId: expect.any(String), page: 2, score: 0.8, rank: 1 }] },
    ]);
  });

  it('says so in words when nothing is found', async () => {
    manuals();
    expect(await call(queryTool(), { query: 'Anything?' }, by)).toEqual([{ message: 'Nothing was found.' }]);
    expect(await call(queryTool({ options: { output: 'perQuery' } }), { query: 'Anything?' }, by)).toEqual([{ message: 'Nothing was found.' }]);
  });

  const refusal = async (): Promise<void> => {
    const tool = queryTool({ ...inBase('No such base') });
    const { replies } = outputOf(await runAgent([tool], [{ tool: 'Query_Knowledge', args: { query: 'x' } }], by));
    expect(replies[0]).toMatch(/No such base/);
  };
  if (by === 'agent') it('tells the model why it could not do it', refusal);
  else newerHostOnly('tells the model why it could not do it', 'n8n 2.0 ends the execution at a tool that fails', refusal);

  it('tells the model why it could not do it, and what helps, when it is set to go on', async () => {
    const tool: WorkflowNode = { ...queryTool(inBase('No such base')), onError: 'continueRegularOutput' };
    const [reply] = await call(tool, { query: 'x' }, by);
    expect(reply).toEqual({ error: 'No knowledge base is named "No such base"', details: { description: expect.stringMatching(/compared exactly/) } });
  });

  it('answers a question with its sources, and does not stream the answer to the user', async () => {
    manuals('Two years.');
    const tool = toolNode('Chat Completion', { model: locator('id', 'gpt-test'), prompt: fromAi('question', 'The question'), ...inBase('Manuals') });
    const result = await runAgent([tool], [{ tool: 'Chat_Completion', args: { question: 'How long is the warranty?' } }], by, true);
    const [answer] = JSON.parse(outputOf(result).replies[0] ?? '') as Json[];
    expect(answer).toMatchObject({ content: 'The warranty lasts two years.', sources: [{ file: '0.txt', text: 'Two years.' }] });
    expect(result.chunks).toEqual([]);
  });

  it('tells the model that nothing was found, also where the node has a second output for that', async () => {
    manuals();
    const options = { requireSources: 'secondOutput' };
    const tool = toolNode('Chat Completion', { model: locator('id', 'gpt-test'), prompt: fromAi('question', 'The question'), ...inBase('Manuals'), options });
    const [answer] = await call(tool, { question: 'How long is the warranty?' }, by);
    expect(answer).toEqual({ nothingFound: { question: 'How long is the warranty?', reason: expect.any(String), bestScore: null } });
  });

  it('saves a text of the model as a document, which another tool then adds to a knowledge base', async () => {
    const base = server.addBase('Notes');
    const save = toolNode('Upload File', { inputType: 'text', text: fromAi('text', 'The text'), textFileName: fromAi('name', 'Name of the file') });
    const add = toolNode('Add to Knowledge', { knowledge: locator('name', 'Notes'), fileId: fromAi('fileId', 'ID of the file') });
    const [saved] = await call(save, { text: 'Kyoto opens at 9:30.', name: 'kyoto.txt' }, by);
    expect(saved).toMatchObject({ id: expect.any(String), filename: 'kyoto.txt', status: 'completed' });
    const [added] = await call(add, { fileId: saved?.['id'] }, by);
    expect(added).toMatchObject({ action: 'added', knowledgeId: base.id });
  });

  it('compares two texts without the numbers of their vectors', async () => {
    const tool = toolNode('Ollama Embed', {
      model: locator('id', 'nomic-embed-text:latest'),
      text: fromAi('first', 'A text'),
      options: { compareWith: fromAi('second', 'Another text') },
    });
    const [compared] = await call(tool, { first: 'cat', second: 'cat' }, by);
    expect(compared).toEqual({ similarity: expect.closeTo(1, 5) });
  });

  it('lists models by a part of the name that the model gives', async () => {
    const tool = toolNode('List Models', { options: { nameFilter: fromAi('name', 'A part of the name') } });
    expect(await call(tool, { name: 'llama' }, by)).toEqual([expect.objectContaining({ id: 'llama3.2:latest' })]);
  });
});
