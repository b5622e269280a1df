import assert from 'node:assert/strict';

import type { Lane } from './lane.ts';
import { nodeOf } from './workflows.ts';
import type { Workflow } from './workflows.ts';

const TRIGGER = 'When chat message received';

/** A line of a streamed answer, as n8n's chat window reads it. */
export type ChatLine = { type: 'begin' | 'item' | 'end' | 'error'; content?: string; metadata: { nodeName: string } };

/** Lets everybody use the chat, as a user would in the form of the trigger. */
export function makePublic(workflow: Workflow): void {
  nodeOf(workflow, TRIGGER).parameters['public'] = true;
}

/** Says something in the published chat of a workflow, as n8n's chat window does. Rejects unless the answer is a stream without an error. */
export async function say(lane: Lane, workflow: Workflow, chatInput: string, sessionId: string): Promise<{ lines: ChatLine[]; text: string }> {
  const { webhookId } = nodeOf(workflow, TRIGGER);
  const response = await fetch(`${lane.n8n.url}/webhook/${webhookId}/chat`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ action: 'sendMessage', sessionId, chatInput }),
  });
  const body = await response.text();
  assert.equal(response.status, 200, body);
  const lines = body.trim().split('\n').map((line) => JSON.parse(line) as ChatLine);
  assert.deepEqual(lines.filter(({ type }) => type === 'error'), []);
  return { lines, text: lines.map(({ content }) => content ?? '').join('') };
}
