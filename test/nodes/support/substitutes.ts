import { readFile, glob } from 'node:fs/promises';
import { basename, extname } from 'node:path';

import type {
  IDataObject,
  IExecuteFunctions,
  INodeExecutionData,
  INodeType,
  INodeTypeDescription,
} from 'n8n-workflow';

import type { Json } from './engine-types.ts';

/**
 * Small stand-ins for the nodes of n8n's own package that the example workflows use around ours. They
 * do what those nodes do with the parameters that the examples set; the engine, expressions, pairing,
 * errors and files around them are n8n's own.
 */

type Execute = (this: IExecuteFunctions) => Promise<INodeExecutionData[][]>;

/** Top-level parameters that the stand-ins read; n8n drops those that a node does not describe. */
const PARAMETERS = [
  'assignments', 'conditions', 'fieldToSplitOut', 'fileSelector', 'include', 'includeOtherFields', 'jsonOutput', 'maxItems',
  'mode', 'operation', 'options', 'respondWith', 'responseBody',
].map((name) => ({ displayName: name, name, type: 'json', default: undefined }));

/** A node class for a stand-in. */
function nodeOf(name: string, outputs: string[], execute: Execute, trigger = false): INodeType {
  const description = {
    displayName: name,
    name,
    group: trigger ? ['trigger'] : ['transform'],
    version: [1, 1.1, 1.2, 1.3, 2, 2.1, 2.2, 2.3, 3, 3.1, 3.2, 3.3, 3.4],
    description: name,
    defaults: { name },
    inputs: trigger ? [] : ['main'],
    outputs,
    properties: PARAMETERS,
  } as unknown as INodeTypeDescription;
  return { description, execute };
}

const raw = (context: IExecuteFunctions, index = 0): Json =>
  // Without a description n8n cannot resolve single parameters, so expressions are resolved here.
  resolved(context, context.getNode().parameters, index) as Json;

function resolved(context: IExecuteFunctions, value: unknown, index: number): unknown {
  if (typeof value === 'string') {
    return value.startsWith('=') ? context.evaluateExpression(value.slice(1), index) : value;
  }
  if (Array.isArray(value)) return value.map((entry) => resolved(context, entry, index));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, resolved(context, entry, index)]));
}

function pathOf(json: unknown, path: string): unknown {
  return path.split('.').reduce<unknown>((value, key) => (isRecord(value) ? value[key] : undefined), json);
}

function isRecord(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const MIME_TYPES: Record<string, string> = {
  '.csv': 'text/csv',
  '.docx': 'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
  '.html': 'text/html',
  '.json': 'application/json',
  '.md': 'text/markdown',
  '.pdf': 'application/pdf',
  '.txt': 'text/plain',
};

async function readFiles(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
  const output: INodeExecutionData[] = [];
  for (const item of this.getInputData().keys()) {
    const { fileSelector, options } = raw(this, item) as { fileSelector: string; options?: Json };
    const field = typeof options?.['dataPropertyName'] === 'string' ? options['dataPropertyName'] : 'data';
    for (const path of (await Array.fromAsync(glob(fileSelector))).sort()) {
      const mimeType = MIME_TYPES[extname(path).toLowerCase()] ?? 'application/octet-stream';
      const binary = await this.helpers.prepareBinaryData(await readFile(path), basename(path), mimeType);
      const json = { fileName: basename(path), mimeType, fileExtension: extname(path).slice(1) };
      output.push({ json, binary: { [field]: binary }, pairedItem: { item } });
    }
  }
  return [output];
}

async function setFields(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
  const items = this.getInputData().map((item, index) => {
    const parameters = raw(this, index);
    const list = pathOf(parameters, 'assignments.assignments');
    const fields: Json = {};
    for (const entry of Array.isArray(list) ? (list as Json[]) : []) fields[String(entry['name'])] = entry['value'];
    if (parameters['mode'] === 'raw') {
      const text = parameters['jsonOutput'];
      Object.assign(fields, typeof text === 'string' ? JSON.parse(text) : text);
    }
    const keep = parameters['includeOtherFields'] === true;
    const json = { ...(keep ? item.json : {}), ...fields } as IDataObject;
    return { json, pairedItem: { item: index }, ...(keep && item.binary ? { binary: item.binary } : {}) };
  });
  return [items];
}

async function splitOut(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
  const items = this.getInputData().flatMap((item, index) => {
    const { fieldToSplitOut, include } = raw(this, index) as { fieldToSplitOut: string; include?: string };
    const list = pathOf(item.json, fieldToSplitOut);
    const others = include === 'allOtherFields' ? { ...item.json, [fieldToSplitOut]: undefined } : {};
    return (Array.isArray(list) ? (list as unknown[]) : [list]).map((entry) => ({
      json: { ...others, ...(isRecord(entry) ? entry : { [fieldToSplitOut]: entry }) } as IDataObject,
      pairedItem: { item: index },
    }));
  });
  return [items];
}

const TESTS: Record<string, (left: unknown, right: unknown) => boolean> = {
  equals: (left, right) => left === right,
  notEquals: (left, right) => left !== right,
  contains: (left, right) => (Array.isArray(left) ? left.includes(right) : String(left).includes(String(right))),
  exists: (left) => left !== undefined && left !== null,
  notExists: (left) => left === undefined || left === null,
  empty: (left) => left === undefined || left === null || left === '' || (Array.isArray(left) && left.length === 0),
  notEmpty: (left) => !(left === undefined || left === null || left === '' || (Array.isArray(left) && left.length === 0)),
  true: (left) => left === true,
  false: (left) => left === false,
  gt: (left, right) => Number(left) > Number(right),
  gte: (left, right) => Number(left) >= Number(right),
  lt: (left, right) => Number(left) < Number(right),
  lte: (left, right) => Number(left) <= Number(right),
  lengthGt: (left, right) => Array.isArray(left) && left.length > Number(right),
};

function passes(parameters: Json): boolean {
  const { conditions, combinator } = parameters['conditions'] as { conditions: Json[]; combinator?: string };
  const results = conditions.map((condition) => {
    const operation = String((condition['operator'] as Json)['operation']);
    const test = TESTS[operation];
    if (!test) throw new Error(`The stand-in has no operation "${operation}"`);
    return test(condition['leftValue'], condition['rightValue']);
  });
  return combinator === 'or' ? results.some(Boolean) : results.every(Boolean);
}

function conditional(outputs: 1 | 2): Execute {
  return async function (this: IExecuteFunctions) {
    const kept: INodeExecutionData[] = [];
    const rest: INodeExecutionData[] = [];
    for (const [index, item] of this.getInputData().entries()) {
      (passes(raw(this, index)) ? kept : rest).push({ ...item, pairedItem: { item: index } });
    }
    return outputs === 2 ? [kept, rest] : [kept];
  };
}

async function respond(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
  const { respondWith, responseBody, options } = raw(this) as { respondWith?: string; responseBody?: unknown; options?: Json };
  const items = this.getInputData();
  const all = items.map(({ json }) => json);
  let body: unknown = all[0] ?? {};
  if (respondWith === 'allIncomingItems') body = all;
  if (respondWith === 'json') body = typeof responseBody === 'string' ? JSON.parse(responseBody) : responseBody;
  if (respondWith === 'text') body = responseBody;
  await this.sendResponse({ statusCode: options?.['responseCode'] ?? 200, headers: {}, body } as unknown as IDataObject);
  return [items];
}

const passOn: Execute = async function (this: IExecuteFunctions) {
  return [this.getInputData()];
};

const limit: Execute = async function (this: IExecuteFunctions) {
  const { maxItems } = raw(this) as { maxItems?: number };
  return [this.getInputData().slice(0, maxItems ?? 1)];
};

/** Node classes by full type. The engine gives triggers their items. */
export const substitutes: Record<string, INodeType> = {
  'n8n-nodes-base.filter': nodeOf('filter', ['main'], conditional(1)),
  'n8n-nodes-base.if': nodeOf('if', ['main', 'main'], conditional(2)),
  'n8n-nodes-base.limit': nodeOf('limit', ['main'], limit),
  'n8n-nodes-base.noOp': nodeOf('noOp', ['main'], passOn),
  'n8n-nodes-base.readWriteFile': nodeOf('readWriteFile', ['main'], readFiles),
  'n8n-nodes-base.respondToWebhook': nodeOf('respondToWebhook', ['main'], respond),
  'n8n-nodes-base.set': nodeOf('set', ['main'], setFields),
  'n8n-nodes-base.splitOut': nodeOf('splitOut', ['main'], splitOut),
  'n8n-nodes-base.stickyNote': nodeOf('stickyNote', [], passOn),
};

/** Types of nodes that start a workflow. */
export const TRIGGER_TYPES = [
  'n8n-nodes-base.manualTrigger',
  'n8n-nodes-base.scheduleTrigger',
  'n8n-nodes-base.webhook',
  'n8n-nodes-base.formTrigger',
  'n8n-nodes-base.executeWorkflowTrigger',
  '@n8n/n8n-nodes-langchain.chatTrigger',
];

/** A trigger that gives out whatever the engine was handed for the run. */
export function triggerOf(type: string, items: () => Promise<INodeExecutionData[]>): INodeType {
  return nodeOf(type, ['main'], async () => [await items()], true);
}
