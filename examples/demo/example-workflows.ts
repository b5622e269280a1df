import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { WorkflowFile, WorkflowNode } from '../../test/nodes/support/engine-types.ts';

const EXAMPLES = join(dirname(fileURLToPath(import.meta.url)), '..');

/** Where the answer of a real model ends: two or three sentences, quick also on a CPU. The built-in model quotes, and ends by itself. */
const MAX_ANSWER_TOKENS = Number(process.env['MAX_TOKENS'] ?? 60);

type Assignment = { name: string; value: unknown };

async function load(name: string): Promise<WorkflowFile> {
  return JSON.parse(await readFile(join(EXAMPLES, `${name}.json`), 'utf8')) as WorkflowFile;
}

function nodeNamed(workflow: WorkflowFile, name: string): WorkflowNode {
  const node = workflow.nodes.find((candidate) => candidate.name === name);
  if (node === undefined) throw new Error(`The example has no node "${name}"`);
  return node;
}

/** The ingestion example with the two values set that a user sets in its Settings node. */
export async function ingestionWorkflow(folder: string, knowledge: string): Promise<WorkflowFile> {
  const workflow = await load('scheduled-ingestion');
  const list = nodeNamed(workflow, 'Settings').parameters?.['assignments'] as { assignments: Assignment[] };
  for (const entry of list.assignments) {
    if (entry.name === 'folder') entry.value = folder;
    if (entry.name === 'knowledge') entry.value = knowledge;
  }
  return workflow;
}

/** The chat example with model and knowledge base chosen, as a user chooses them in its Answer node. */
export async function chatWorkflow(model: string, knowledge: string): Promise<WorkflowFile> {
  const workflow = await load('webhook-chat');
  const parameters = nodeNamed(workflow, 'Answer').parameters ?? {};
  (parameters['model'] as { value: string }).value = model;
  if (!model.startsWith('builtin/')) parameters['options'] = { ...(parameters['options'] as object | undefined), maxTokens: MAX_ANSWER_TOKENS };
  const bases = parameters['knowledgeBases'] as { values: Array<{ knowledge: { value: string } }> };
  for (const base of bases.values) base.knowledge.value = knowledge;
  return workflow;
}
