import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';

import type { Cases } from './cases.ts';
import { ExecutionOutput } from './execution-output.ts';
import type { Lane } from './lane.ts';
import { CREDENTIAL_ID, CREDENTIAL_TYPE } from './workflows.ts';
import type { Workflow, WorkflowNode } from './workflows.ts';

const ID = 'httpRequestLane01';

function httpRequest(name: string, column: number, url: string, options: Record<string, unknown>): WorkflowNode {
  return {
    id: randomUUID(),
    name,
    type: 'n8n-nodes-base.httpRequest',
    typeVersion: 4.3,
    position: [220 * column, 0],
    parameters: { url, authentication: 'predefinedCredentialType', nodeCredentialType: CREDENTIAL_TYPE, options },
    credentials: { [CREDENTIAL_TYPE]: { id: CREDENTIAL_ID, name: 'Open WebUI API' } },
  };
}

/** Finds an uploaded file and downloads its original, with n8n's own HTTP Request node. */
function downloadWorkflow(baseUrl: string, fileName: string): Workflow & { connections: Record<string, unknown> } {
  const find = `=${baseUrl}/api/v1/files/search?filename=${fileName}&content=false`;
  const content = `=${baseUrl}/api/v1/files/{{ $json.id }}/content`;
  const nodes: WorkflowNode[] = [
    { id: randomUUID(), name: 'Start', type: 'n8n-nodes-base.manualTrigger', typeVersion: 1, position: [0, 0], parameters: {} },
    httpRequest('Find File', 1, find, {}),
    httpRequest('Download', 2, content, { response: { response: { responseFormat: 'text', outputPropertyName: 'text' } } }),
  ];
  const to = (node: string) => ({ main: [[{ node, type: 'main', index: 0 }]] });
  return { id: ID, name: 'Download a file', nodes, connections: { Start: to('Find File'), 'Find File': to('Download') } };
}

/** The credential in n8n's own HTTP Request node. Expects that the ingestion example has run, and no running n8n. */
export async function credentialCases(cases: Cases, lane: Lane): Promise<void> {
  await cases.test('The HTTP Request node downloads the original of a file with the credential of the nodes', async () => {
    await lane.n8n.importWorkflows([downloadWorkflow(lane.runtime.baseUrl, 'price-list.csv')]);
    const finished = await lane.n8n.command('execute', `--id=${ID}`, '--rawOutput');
    assert.equal(finished.code, 0, `${finished.stdout}\n${finished.stderr}`);
    const output = new ExecutionOutput(finished.stdout);
    assert.equal(output.itemsOf('Find File')[0]?.['filename'], 'price-list.csv');
    const [download] = output.itemsOf('Download');
    assert.match(String(download?.['text']), /,/);
    assert.equal(String(download?.['text']).split('\n').length > 3, true, String(download?.['text']));
    assert.ok(!finished.stdout.includes(lane.runtime.apiKey), 'The key is in the output of the execution');
  });
}
