import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';

import type { Cases } from './cases.ts';
import { ExecutionOutput } from './execution-output.ts';
import type { Lane } from './lane.ts';
import { exampleQuestions } from './questions.ts';

async function execute(lane: Lane, workflowId: string): Promise<ExecutionOutput> {
  const finished = await lane.n8n.command('execute', `--id=${workflowId}`, '--rawOutput');
  assert.equal(finished.code, 0, `${finished.stdout}\n${finished.stderr}`);
  return new ExecutionOutput(finished.stdout);
}

/** The examples, run from the command line by their Manual Trigger. */
export async function commandCases(cases: Cases, lane: Lane): Promise<void> {
  const { ingestion, chat } = lane.workflows;

  await cases.test('The ingestion example uploads every file of the folder and adds it to the knowledge base', async () => {
    const files = (await readdir(lane.inbox)).toSorted();
    assert.notEqual(files.length, 0);
    const output = await execute(lane, ingestion.id);
    const uploaded = output.itemsOf('Upload File');
    assert.deepEqual(uploaded.map(({ filename }) => filename).toSorted(), files);
    assert.deepEqual(uploaded.map(({ status, action }) => ({ status, action })), files.map(() => ({ status: 'completed', action: 'uploaded' })));
    const added = output.itemsOf('Add to Knowledge');
    assert.deepEqual(added.map(({ action, fileCount }) => ({ action, fileCount })), files.map((_, index) => ({ action: 'added', fileCount: index + 1 })));
    assert.deepEqual(added.map(({ fileId }) => fileId), uploaded.map(({ id }) => id));
  });

  await cases.test('The ingestion example, run again, uploads and adds nothing', async () => {
    const output = await execute(lane, ingestion.id);
    const actions = (node: string): unknown[] => [...new Set(output.itemsOf(node).map(({ action }) => action))];
    assert.deepEqual(actions('Upload File'), ['reused']);
    assert.deepEqual(actions('Add to Knowledge'), ['unchanged']);
  });

  await cases.test('The chat example, run by hand, answers its own question and names the document', async () => {
    const [result] = (await execute(lane, chat.id)).itemsOf('Result');
    const { questions } = await exampleQuestions();
    const asked = questions.find(({ question }) => question === result?.['question']);
    assert.ok(asked, `The documents are not made for the example's question: ${String(result?.['question'])}`);
    assert.ok(String(result?.['answer']).includes(asked.answerContains), String(result?.['answer']));
    const sources = result?.['sources'] as { file: string }[];
    assert.ok(sources.some(({ file }) => file === asked.expectedFile), JSON.stringify(sources));
  });
}
