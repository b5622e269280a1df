import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { ROOT } from './pack.ts';

export const CREDENTIAL_ID = 'openWebUiApi0001';
export const CREDENTIAL_TYPE = 'openWebUiApi';
export const KNOWLEDGE_NAME = 'Company documents';
/** A scripted model behind the runtime that calls its tools. */
export const TOOL_MODEL = 'gpt-tools';

export type WorkflowNode = {
  id: string;
  name: string;
  type: string;
  typeVersion: number;
  position: [number, number];
  parameters: Record<string, unknown>;
  webhookId?: string;
  credentials?: Record<string, { id: string; name: string }>;
};

export type Workflow = { id: string; name: string; nodes: WorkflowNode[] };

/** An example as the repository ships it. */
export async function exampleWorkflow(fileName: string): Promise<Workflow> {
  return JSON.parse(await readFile(join(ROOT, 'examples', fileName), 'utf8')) as Workflow;
}

/** The node of that name, to be changed as a user would change it in the form. */
export function nodeOf(workflow: Workflow, name: string): WorkflowNode {
  const node = workflow.nodes.find((candidate) => candidate.name === name);
  if (node === undefined) throw new Error(`The workflow "${workflow.name}" has no node "${name}"`);
  return node;
}

/** Sets a field of the "Settings" node. */
export function setSetting(workflow: Workflow, name: string, value: string | number): void {
  const { assignments } = nodeOf(workflow, 'Settings').parameters['assignments'] as { assignments: { name: string; value: string | number }[] };
  const assignment = assignments.find((candidate) => candidate.name === name);
  if (assignment === undefined) throw new Error(`"Settings" has no field "${name}"`);
  assignment.value = value;
}

/** The credential as `n8n import:credentials` takes it; n8n encrypts the plain data. */
export function credentialFor(baseUrl: string, apiKey: string): Record<string, unknown> {
  return { id: CREDENTIAL_ID, name: 'Open WebUI API', type: CREDENTIAL_TYPE, data: { baseUrl, apiKey } };
}

/** The runtime as n8n's own nodes for OpenAI see it. */
export function openAiCredentialFor(baseUrl: string, apiKey: string): Record<string, unknown> {
  return { id: 'openAiApi0000001', name: 'Open WebUI for OpenAI nodes', type: 'openAiApi', data: { url: `${baseUrl}/api`, apiKey } };
}

/** Copies the example documents; resolves with nothing, the folder holds them. */
export async function fillInbox(inbox: string): Promise<void> {
  await mkdir(inbox, { recursive: true });
  await cp(join(ROOT, 'examples', 'documents'), inbox, { recursive: true });
}

export async function writeJson(path: string, value: unknown): Promise<string> {
  await writeFile(path, JSON.stringify(value));
  return path;
}
