import assert from 'node:assert/strict';
import { join } from 'node:path';

import type { Cases } from '../n8n/cases.ts';
import { run } from '../n8n/processes.ts';
import type { RealServers } from './real-servers.ts';

const ROOT = join(import.meta.dirname, '..', '..');
/** A small model on a CPU takes ten seconds for an answer, and minutes where others use the machine: only a demo that hangs is ended. */
const DEMO_WITHIN_MS = 30 * 60_000;

/**
 * `npm run demo` with the real language model and the real embeddings. One source for a question keeps the prompt short,
 * and so few tokens the answer: on a CPU that many others use, either takes minutes.
 */
export async function demoCases(cases: Cases, ollama: NonNullable<RealServers['ollama']>, e5: Record<string, string>): Promise<void> {
  const env = { ...process.env, ...e5, OLLAMA_BASE_URLS: ollama.url, MODEL: ollama.model, RAG_TOP_K: '1', MAX_TOKENS: '16' };
  const demo = await run(process.execPath, ['--import', 'tsx', 'examples/demo/demo.ts'], { cwd: ROOT, env, timeoutMs: DEMO_WITHIN_MS });
  const said = (line: RegExp): void => assert.match(demo.stdout, line, `${demo.stdout}\n${demo.stderr}`);
  const answerOf = (question: RegExp): string => {
    const at = demo.stdout.search(question);
    assert.notEqual(at, -1, `The demo did not ask ${String(question)}:\n${demo.stdout}\n${demo.stderr}`);
    return demo.stdout.slice(at).split('\n\n')[0] ?? '';
  };
  await cases.test('the demo puts all five documents into a knowledge base with multilingual embeddings', async () => {
    assert.equal(demo.stdout.match(/searchable after .* added$/gmu)?.length, 5, `${demo.stdout}\n${demo.stderr}`);
  });
  await cases.test('the demo finds the right place for six questions, and none for the seventh, with a real language model', async () => {
    for (const number of [1, 2, 3, 4, 5, 6]) assert.match(answerOf(new RegExp(`^ *${number}\\. `, 'mu')), /right: right source/u);
    assert.match(answerOf(/^ *7\. /mu), /right: declined without sources/u);
  });
  await cases.test('the demo finds two Japanese places by their meaning, whose words are not in the text', async () => {
    for (const number of [8, 9]) assert.match(answerOf(new RegExp(`^ *${number}\\. `, 'mu')), /right: right source/u);
  });
  await cases.test('the demo ends well', async () => {
    said(/9 of 9 right/u);
    assert.equal(demo.code, 0);
  });
}
