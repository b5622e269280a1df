import type { IDataObject, IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';

import type { Json } from './engine-types.ts';
import type { Execute } from './substitute-node.ts';
import { parametersOf } from './substitute-node.ts';

/** Types that a Respond to Webhook can answer to. */
const ASKING_TYPES = ['n8n-nodes-base.webhook', 'n8n-nodes-base.formTrigger', '@n8n/n8n-nodes-langchain.chatTrigger'];

/** If (two outputs) and Filter (one). The engine judges the conditions, as it does for the real nodes. */
export function conditional(outputs: 1 | 2): Execute {
  return async function (this: IExecuteFunctions) {
    const kept: INodeExecutionData[] = [];
    const rest: INodeExecutionData[] = [];
    for (const [index, item] of this.getInputData().entries()) {
      const passes = this.getNodeParameter('conditions', index, false, { extractValue: true }) as boolean;
      (passes ? kept : rest).push({ ...item, pairedItem: { item: index } });
    }
    return outputs === 2 ? [kept, rest] : [kept];
  };
}

/** Respond to Webhook: status code, headers, and the first item, all items, JSON or text. */
export async function respond(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
  if (!this.getParentNodes(this.getNode().name).some(({ type }) => ASKING_TYPES.includes(type))) {
    throw new Error('No Webhook node found in the workflow');
  }
  const { respondWith, responseBody, options } = parametersOf(this) as { respondWith?: string; responseBody?: unknown; options?: Json };
  const items = this.getInputData();
  const all = items.map(({ json }) => json);
  let body: unknown = all[0] ?? {};
  if (respondWith === 'allIncomingItems') body = all;
  if (respondWith === 'json') body = typeof responseBody === 'string' ? JSON.parse(responseBody) : responseBody;
  if (respondWith === 'text') body = responseBody;
  await this.sendResponse({ statusCode: options?.['responseCode'] ?? 200, headers: {}, body } as unknown as IDataObject);
  return [items];
}

/** Stop and Error, with a message. */
export async function stopAndError(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
  throw new Error(String(parametersOf(this)['errorMessage']));
}
