import type {
  EngineRequest,
  EngineResponse,
  IDataObject,
  IExecuteFunctions,
  INodeExecutionData,
  INodeType,
  INodeTypeDescription,
} from 'n8n-workflow';

import type { Json } from './engine-types.ts';

/**
 * A stand-in for an AI agent: it really takes its tools from n8n's engine and really calls them; only the thinking is
 * replaced by the calls that a test lists. n8n's agents have two ways to call a tool, and so has this one: `agent`
 * calls it itself, `engine` asks the engine to run it, which agents do since their version 3.
 */

/** A tool as n8n made it of a node. */
export interface ToolInfo {
  name: string;
  description: string;
  /** What the model may fill in, by name. */
  parameters: Record<string, { type: string; description: string }>;
}

/** What the model would ask for: the tool's name, and values for its parameters. */
export interface ToolCall {
  tool: string;
  args: Json;
}

type Schema = { _def: { typeName: string; innerType?: Schema }; description?: string };
type Tool = {
  name: string;
  description: string;
  schema: { shape: Record<string, Schema> };
  invoke(args: Json): Promise<string>;
};

const typeOf = ({ _def }: Schema): string => (_def.innerType ? typeOf(_def.innerType) : _def.typeName.replace('Zod', '').toLowerCase());

function infoOf({ name, description, schema }: Tool): ToolInfo {
  const parameters = Object.entries(schema.shape).map(([key, value]) => [key, { type: typeOf(value), description: value.description ?? '' }] as const);
  return { name, description, parameters: Object.fromEntries(parameters) };
}

async function reply(tool: Tool | undefined, args: Json): Promise<string> {
  try {
    return tool ? await tool.invoke(args) : 'There is no such tool.';
  } catch (error) {
    return `Error: ${(error as Error).message}`;
  }
}

function request(tools: Tool[], calls: ToolCall[]): EngineRequest {
  // The engine goes by the name of the node, of which n8n makes the name of the tool.
  const actions = calls.map(({ tool, args }, index) => ({
    actionType: 'ExecutionNodeAction' as const,
    nodeName: tools.find(({ name }) => name === tool)?.name.replaceAll('_', ' ') ?? tool,
    input: args as IDataObject,
    type: 'ai_tool' as const,
    id: `call_${index}`,
    metadata: { itemIndex: 0 },
  }));
  return { actions, metadata: {} };
}

/** What the model reads of a tool that the engine ran: the text that n8n's agents make of its items. */
function observation({ actionResponses }: EngineResponse): string[] {
  return actionResponses.map(({ data }) => {
    const items = data.data?.['ai_tool']?.[0] ?? [];
    return items.length === 0 ? JSON.stringify(data.error?.message ?? '') : JSON.stringify(items.map(({ json }) => json));
  });
}

/** Without a list the model asks each tool what the user asked. */
function callsFor(tools: Tool[], question: unknown): ToolCall[] {
  return tools.map((tool) => ({ tool: tool.name, args: Object.fromEntries(Object.keys(tool.schema.shape).map((key) => [key, question])) }));
}

async function execute(this: IExecuteFunctions, response?: EngineResponse): Promise<INodeExecutionData[][] | EngineRequest> {
  const tools = (await this.getInputConnectionData('ai_tool', 0)) as Tool[];
  const listed = this.getNodeParameter('calls', 0) as ToolCall[] | null;
  const calls = listed ?? callsFor(tools, this.getInputData()[0]?.json['chatInput']);
  const byEngine = this.getNodeParameter('by', 0) === 'engine';
  let replies: string[] = [];
  if (!byEngine) for (const { tool, args } of calls) replies.push(await reply(tools.find(({ name }) => name === tool), args));
  else if (response !== undefined && response.actionResponses.length > 0) replies = observation(response);
  else if (calls.length > 0) return request(tools, calls);
  return [[{ json: { tools: tools.map(infoOf), replies }, pairedItem: { item: 0 } }]];
}

const description = {
  displayName: 'Agent',
  name: 'agent',
  group: ['transform'],
  version: [1, 3],
  description: 'Calls its tools as told',
  defaults: { name: 'Agent' },
  inputs: ['main', ...['ai_languageModel', 'ai_memory', 'ai_tool'].map((type) => ({ type, displayName: type }))],
  outputs: ['main'],
  properties: [
    { displayName: 'Calls', name: 'calls', type: 'json', default: null },
    { displayName: 'By', name: 'by', type: 'string', default: 'engine' },
  ],
} as unknown as INodeTypeDescription;

/** The agent as a node class. */
export const agentNode = { description, execute } as INodeType;

/** Node classes by full type. */
export const substitutes: Record<string, INodeType> = { 'test.agent': agentNode };
