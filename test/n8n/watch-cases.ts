import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';

import type { Cases } from './cases.ts';
import type { Lane } from './lane.ts';
import { PACKAGE_NAME } from './pack.ts';
import { eventually } from './processes.ts';
import type { N8nRest } from './rest.ts';
import { CREDENTIAL_ID, CREDENTIAL_TYPE, KNOWLEDGE_NAME } from './workflows.ts';
import type { Workflow, WorkflowNode } from './workflows.ts';

const TRIGGER = 'When a File Is Searchable';

/** n8n polls once a minute at most; the rest is for a busy machine. */
const POLLED_WITHIN_MS = 100_000;

/** The trigger on the knowledge base of the ingestion example. */
export function triggerNode(): WorkflowNode {
  const knowledge = { __rl: true, mode: 'name', value: KNOWLEDGE_NAME };
  return {
    id: randomUUID(),
    name: TRIGGER,
    type: `${PACKAGE_NAME}.openWebUiKnowledgeTrigger`,
    typeVersion: 1,
    position: [0, 0],
    parameters: { pollTimes: { item: [{ mode: 'everyMinute' }] }, watch: 'knowledge', knowledgeBases: { values: [{ knowledge }] }, events: ['searchable', 'removed'], options: {} },
    credentials: { [CREDENTIAL_TYPE]: { id: CREDENTIAL_ID, name: 'Open WebUI API' } },
  };
}

/** A workflow that n8n's own poller starts. */
export function watchWorkflow(): Workflow {
  return { id: 'knowledgeWatch01', name: 'Knowledge watch', nodes: [triggerNode()], connections: {}, settings: { executionOrder: 'v1' } } as Workflow;
}

/** Puts a file into the watched base, past n8n, once the trigger has made its first poll; resolves with its id. */
export async function putWatchedFile({ runtime }: Lane, rest: N8nRest, workflowId: string): Promise<string> {
  const { baseUrl, headers } = runtime;
  await eventually('the trigger has taken note of what is there', async () => (Object.keys(await rest.staticData(workflowId)).length > 0 ? true : undefined));
  const answer = await fetch(`${baseUrl}/api/v1/knowledge/search?query=${encodeURIComponent(KNOWLEDGE_NAME)}`, { headers });
  const { items } = (await answer.json()) as { items: { id: string }[] };
  assert.ok(items[0], 'There is no knowledge base to watch');
  const form = new FormData();
  form.append('file', new Blob(['The bicycles stand behind the east gate.']), 'bicycles.txt');
  form.append('metadata', JSON.stringify({ knowledge_id: items[0].id }));
  const uploaded = await fetch(`${baseUrl}/api/v1/files/`, { method: 'POST', headers, body: form });
  assert.equal(uploaded.status, 200);
  return ((await uploaded.json()) as { id: string }).id;
}

/** Looks, a minute after the file was put in, for the executions that the trigger has started. */
export async function watchCases(cases: Cases, rest: N8nRest, workflowId: string, fileId: string): Promise<void> {
  await cases.test("n8n's own poller starts a published workflow with the Knowledge Trigger for a file that comes, once", async () => {
    const told = async (): Promise<Record<string, unknown>[]> => {
      const done = (await rest.executions(workflowId)).filter(({ status }) => status === 'success');
      const items = await Promise.all(done.map(({ id }) => rest.itemsOf(id, TRIGGER)));
      return items.flat().filter(({ id }) => id === fileId);
    };
    const items = await eventually('the workflow was started', async () => {
      const found = await told();
      return found.length > 0 ? found : undefined;
    }, POLLED_WITHIN_MS);
    assert.deepEqual(items.map(({ event, filename, knowledgeName }) => [event, filename, knowledgeName]), [['searchable', 'bicycles.txt', KNOWLEDGE_NAME]]);
    const executions = await rest.executions(workflowId);
    assert.deepEqual(executions.filter(({ mode, status }) => mode !== 'trigger' || status !== 'success'), []);
  });
}
