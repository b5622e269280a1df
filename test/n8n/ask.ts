import assert from 'node:assert/strict';

import type { Lane } from './lane.ts';

/** What the chat example answers when documents do. */
export type ChatAnswer = { question: string; answer: string; sources: { file: string; text: string; score: number }[] };

/** The raw answer of the published chat example to a question. */
export async function post(lane: Lane, question: string): Promise<{ status: number; text: string }> {
  const response = await fetch(`${lane.n8n.url}/webhook/ask`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ question }),
  });
  return { status: response.status, text: await response.text() };
}

/** Asks the published chat example. Rejects unless it answers with status 200. */
export async function ask(lane: Lane, question: string): Promise<ChatAnswer> {
  const { status, text } = await post(lane, question);
  assert.equal(status, 200, text);
  return JSON.parse(text) as ChatAnswer;
}
