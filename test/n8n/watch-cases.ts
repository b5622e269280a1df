import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';

import type { Cases } from './cases.ts';
import type { Lane } from './lane.ts';
import { PACKAGE_NAME } from './pack.ts';
import { eventually } from './processes.ts';
import type { N8nRest } from './rest.ts';
import { CREDENTIAL_ID, CREDENTIAL_TYPE } from './workflows.ts';
import type { Workflow, WorkflowNode } from './workflows.ts';

const TRIGGER = 'When Files Change';

/** n8n polls once a minute at most; the rest is for a busy machine. */
const POLLED_WITHIN_MS = 100_000;

/** A base of its own: the ingestion example takes out of its base what is not in its folder. */
const WATCHED_NAME = 'Watched files';

function triggerNode(knowledgeName: string): WorkflowNode {
  const knowledge = { __rl: true, mode: 'name', value: knowledgeName };
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

/** A workflow of the trigger alone, on a knowledge base. */
export function watchWorkflow(knowledgeName: string): Workflow {
  return { id: 'knowledgeWatch01', name: 'Knowledge watch', nodes: [triggerNode(knowledgeName)], connections: {}, settings: { executionOrder: 'v1' } } as Workflow;
}

/** What n8n's own poller is to start: a published workflow and the base that it watches. */
export type Watch = { workflowId: string; knowledgeId: string };

/** Makes the base, imports the workflow and publishes it; takes effect at the next start of n8n. */
export async function openWatch({ n8n, runtime }: Lane): Promise<Watch> {
  const headers = { ...runtime.headers, 'content-type': 'application/json' };
  const body = JSON.stringify({ name: WATCHED_NAME, description: '' });
  const created = await fetch(`${runtime.baseUrl}/api/v1/knowledge/create`, { method: 'POST', headers, body });
  assert.equal(created.status, 200);
  const workflow = watchWorkflow(WATCHED_NAME);
  await n8n.importWorkflows([workflow]);
  await n8n.publish(workflow.id);
  return { workflowId: workflow.id, knowledgeId: ((await created.json()) as { id: string }).id };
}

/** Puts a file into the watched base, past n8n, once the trigger has made its first poll; resolves with its id. */
export async function putWatchedFile({ runtime }: Lane, rest: N8nRest, { workflowId, knowledgeId }: Watch): Promise<string> {
  await eventually('the trigger has taken note of what is there', async () => (Object.keys(await rest.staticData(workflowId)).length > 0 ? true : undefined));
  const form = new FormData();
  form.append('file', new Blob(['The bicycles stand behind the east gate.']), 'bicycles.txt');
  form.append('metadata', JSON.stringify({ knowledge_id: knowledgeId }));
  const uploaded = await fetch(`${runtime.baseUrl}/api/v1/files/`, { method: 'POST', headers: runtime.headers, body: form });
  assert.equal(uploaded.status, 200);
  return ((await uploaded.json()) as { id: string }).id;
}

/** Looks, a minute after the file was put in, for the executions that the trigger has started. */
export async function watchCases(cases: Cases, rest: N8nRest, { workflowId }: Watch, fileId: string): Promise<void> {
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
    assert.deepEqual(items.map(({ event, filename, knowledgeName }) => [event, filename, knowledgeName]), [['searchable', 'bicycles.txt', WATCHED_NAME]]);
    const executions = await rest.executions(workflowId);
    assert.deepEqual(executions.filter(({ mode, status }) => mode !== 'trigger' || !['success', 'running', 'new'].includes(status)), []);
  });
}
