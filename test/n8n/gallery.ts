import { randomUUID } from 'node:crypto';

import { PACKAGE_NAME } from './pack.ts';
import { CREDENTIAL_ID, CREDENTIAL_TYPE, KNOWLEDGE_NAME } from './workflows.ts';
import type { WorkflowNode } from './workflows.ts';

const NOTE = 'The office in Kyoto opens at 9:30. 京都オフィスは午前9時30分に開きます。';

const QUESTION = 'When does the office in Kyoto open?';

export type Gallery = { name: string; nodes: WorkflowNode[]; connections: Record<string, unknown>; settings: Record<string, unknown> };

function picked(value: string, name = value): Record<string, unknown> {
  return { __rl: true, mode: 'list', value, cachedResultName: name };
}

function ours(name: string, type: string, column: number, parameters: Record<string, unknown>): WorkflowNode {
  return {
    id: randomUUID(),
    name,
    type: `${PACKAGE_NAME}.openWebUi${type}`,
    typeVersion: 1,
    position: [220 * column, 0],
    parameters,
    credentials: { [CREDENTIAL_TYPE]: { id: CREDENTIAL_ID, name: 'Open WebUI API' } },
  };
}

/** A workflow with each node of the pack, filled in as its picture should show it; one feeds the next. */
export function galleryWorkflow(knowledgeId: string): Gallery {
  const nodes = [
    { id: randomUUID(), name: 'Start', type: 'n8n-nodes-base.manualTrigger', typeVersion: 1, position: [0, 0], parameters: {} } satisfies WorkflowNode,
    ours('Upload File', 'UploadFile', 1, {
      inputType: 'text',
      text: NOTE,
      textFileName: 'kyoto-office.txt',
      options: { ifSameContent: 'reuse', metadata: { fields: [{ name: 'department', value: 'facilities' }] } },
    }),
    ours('Add to Knowledge', 'AddToKnowledge', 2, { knowledge: picked(knowledgeId, KNOWLEDGE_NAME), fileId: '={{ $json.id }}', options: { ifDuplicate: 'skip' } }),
    ours('Query Knowledge', 'QueryKnowledge', 3, {
      knowledgeBases: { values: [{ knowledge: picked(knowledgeId, KNOWLEDGE_NAME) }] },
      query: QUESTION,
      options: { topK: 1, minimumScore: 0.5 },
    }),
    ours('Chat Completion', 'ChatCompletion', 4, {
      model: picked('builtin/extractive'),
      prompt: QUESTION,
      knowledgeBases: { values: [{ knowledge: picked(knowledgeId, KNOWLEDGE_NAME) }] },
      options: { requireSources: 'fail' },
    }),
    ours('Ollama Embed', 'OllamaEmbed', 5, {
      model: picked('builtin/lexical-embed'),
      text: '={{ $json.content }}',
      output: 'embeddingOnly',
      options: { compareWith: QUESTION, batchSize: 32 },
    }),
    ours('List Models', 'ListModels', 6, { returnAll: true, options: { capability: 'chat', source: 'builtin' } }),
  ];
  const links = nodes.slice(1).map((node, index) => [nodes[index]?.name, { main: [[{ node: node.name, type: 'main', index: 0 }]] }]);
  return { name: 'Node gallery', nodes, connections: Object.fromEntries(links) as Record<string, unknown>, settings: { executionOrder: 'v1' } };
}
