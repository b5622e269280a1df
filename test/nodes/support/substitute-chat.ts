import type { IDataObject, IExecuteFunctions, INodeExecutionData, INodeType, INodeTypeDescription, ISupplyDataFunctions, SupplyData } from 'n8n-workflow';

import { agentNode } from './agent-node.ts';

/**
 * Stand-ins for n8n's nodes around a chat: the agent, its model, a memory in this process, and the node that reads
 * and writes a memory. The trigger is the engine's own matter.
 */

const PACKAGE = '@n8n/n8n-nodes-langchain';

type Memory = { type: string; content: string }[];
const memories = new Map<string, Memory>();

function describe(name: string, inputs: unknown[], outputs: string[], fields: string[]): INodeTypeDescription {
  const properties = fields.map((field) => ({ displayName: field, name: field, type: 'json', default: '' }));
  const version = [1, 1.1, 1.2, 1.3, 1.4];
  return { displayName: name, name, group: ['transform'], version, description: name, defaults: { name }, inputs, outputs, properties } as unknown as INodeTypeDescription;
}

/** Gives the memory of a session, by the key in the form. */
async function supplyMemory(this: ISupplyDataFunctions, itemIndex: number): Promise<SupplyData> {
  const key = this.getNodeParameter('sessionKey', itemIndex) as string;
  const memory = memories.get(key) ?? [];
  memories.set(key, memory);
  return await Promise.resolve({ response: memory });
}

/** Questions with their answers, as n8n's node simplifies a memory. */
function inPairs(memory: Memory): IDataObject[] {
  return memory.filter(({ type }) => type === 'human').map((question) => ({
    human: question.content,
    ai: memory[memory.indexOf(question) + 1]?.content ?? '',
  }));
}

async function manageMemory(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
  const items: INodeExecutionData[] = [];
  for (const item of this.getInputData().keys()) {
    const memory = (await this.getInputConnectionData('ai_memory', item)) as Memory;
    if (this.getNodeParameter('mode', item) === 'insert') {
      const { messageValues } = this.getNodeParameter('messages', item) as { messageValues: { type: string; message: string }[] };
      for (const { type, message } of messageValues) memory.push({ type: type === 'user' ? 'human' : type, content: message });
      items.push({ json: { success: true }, pairedItem: { item } });
    } else {
      items.push({ json: { messages: inPairs(memory), messagesCount: memory.length }, pairedItem: { item } });
    }
  }
  return [items];
}

/** Node classes by full type. */
export const substitutes: Record<string, INodeType> = {
  [`${PACKAGE}.agent`]: agentNode,
  [`${PACKAGE}.lmChatOpenAi`]: { description: describe('lmChatOpenAi', [], ['ai_languageModel'], []) },
  [`${PACKAGE}.memoryBufferWindow`]: { description: describe('memoryBufferWindow', [], ['ai_memory'], ['sessionKey']), supplyData: supplyMemory },
  [`${PACKAGE}.memoryManager`]: {
    description: describe('memoryManager', ['main', { type: 'ai_memory', displayName: 'Memory', maxConnections: 1 }], ['main'], ['mode', 'messages']),
    execute: manageMemory,
  },
};
