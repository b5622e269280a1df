import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import type { Cases } from './cases.ts';
import type { Lane } from './lane.ts';
import { eventually } from './processes.ts';
import { exampleQuestions } from './questions.ts';
import type { N8nRest } from './rest.ts';

type Answer = { question: string; answer: string; sources: { file: string; text: string; score: number }[] };

async function ask(lane: Lane, question: string): Promise<Answer> {
  const response = await fetch(`${lane.n8n.url}/webhook/ask`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ question }),
  });
  const text = await response.text();
  assert.equal(response.status, 200, text);
  return JSON.parse(text) as Answer;
}

/** The published examples, started by their own triggers. */
export async function publishedCases(cases: Cases, lane: Lane, rest: N8nRest): Promise<void> {
  const { questions, unanswerable } = await exampleQuestions();

  for (const { question, expectedFile, answerContains } of questions) {
    await cases.test(`The webhook answers "${question}" from ${expectedFile}`, async () => {
      const { answer, sources } = await ask(lane, question);
      assert.ok(answer.includes(answerContains), answer);
      assert.equal(sources[0]?.file, expectedFile, JSON.stringify(sources.map(({ file, score }) => ({ file, score }))));
    });
  }

  await cases.test('The webhook names no sources for a question that no document answers', async () => {
    const { answer, sources } = await ask(lane, unanswerable.question);
    assert.deepEqual(sources, []);
    assert.notEqual(answer, '');
  });

  await cases.test('The schedule runs by itself, and what was put into the folder can be asked about', async () => {
    await writeFile(join(lane.inbox, 'lunch.txt'), 'The canteen serves lunch from 11:40 until 13:55 on the seventh floor.\n');
    const found = await eventually('the answer names lunch.txt', async () => {
      const reply = await ask(lane, 'When does the canteen serve lunch?');
      return reply.sources.some(({ file }) => file === 'lunch.txt') ? reply : undefined;
    });
    assert.match(found.answer, /11:40/);
    const scheduled = (await rest.executions(lane.workflows.ingestion.id)).filter(({ mode }) => mode === 'trigger');
    assert.notEqual(scheduled.length, 0);
    assert.deepEqual(scheduled.filter(({ status }) => !['success', 'running', 'new'].includes(status)), []);
  });
}
