import type { Json, WorkflowFile, WorkflowNode } from './engine-types.ts';

const PACKAGE = 'n8n-nodes-openwebui-rag';

/** One of our nodes, by the end of its type (ChatCompletion, UploadFile, ...). */
export function ourNode(kind: string, parameters: Json, more: Partial<WorkflowNode> = {}): WorkflowNode {
  return { name: kind, type: `${PACKAGE}.openWebUi${kind}`, typeVersion: 1, parameters, ...more };
}

/** A workflow of a manual trigger and the given nodes, one after the other. */
export function chain(...nodes: WorkflowNode[]): WorkflowFile {
  const all = [{ name: 'Start', type: 'n8n-nodes-base.manualTrigger', typeVersion: 1 }, ...nodes];
  const connections: Json = {};
  for (const [index, node] of all.entries()) {
    const next = all[index + 1];
    if (next) connections[node.name] = { main: [[{ node: next.name, type: 'main', index: 0 }]] };
  }
  return { name: 'test', nodes: all, connections };
}

/** A resource locator as the editor stores it. */
export function locator(mode: string, value: string): Json {
  return { __rl: true, mode, value };
}
