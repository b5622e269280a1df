import type { IExecuteFunctions, INodeExecutionData, INodeType, INodeTypeDescription } from 'n8n-workflow';

import type { Json } from './engine-types.ts';

/** What a stand-in does with its items. */
export type Execute = (this: IExecuteFunctions) => Promise<INodeExecutionData[][]>;

/** Top-level parameters that the stand-ins read; n8n drops those that a node does not describe. */
const PARAMETERS = [
  'aggregate', 'assignments', 'destinationFieldName', 'errorMessage', 'fieldToSplitOut', 'fileSelector', 'include', 'includeOtherFields',
  'jsonOutput', 'keep', 'maxItems', 'mode', 'operation', 'options', 'respondWith', 'responseBody', 'sortFieldsUi',
].map((name) => ({ displayName: name, name, type: 'json', default: undefined }));

/** As n8n describes it, so that the engine itself judges the conditions. */
const CONDITIONS = { displayName: 'conditions', name: 'conditions', type: 'filter', default: {} };

/** A node class for a stand-in. */
export function nodeOf(name: string, outputs: string[], execute: Execute, trigger = false): INodeType {
  const description = {
    displayName: name,
    name,
    group: trigger ? ['trigger'] : ['transform'],
    version: [1, 1.1, 1.2, 1.3, 1.4, 1.5, 2, 2.1, 2.2, 2.3, 3, 3.1, 3.2, 3.3, 3.4, 3.5],
    description: name,
    defaults: { name },
    inputs: trigger ? [] : ['main'],
    outputs,
    properties: [...PARAMETERS, CONDITIONS],
  } as unknown as INodeTypeDescription;
  return { description, execute };
}

/** All parameters of the node as they are for an item: expressions in them are resolved. */
export function parametersOf(context: IExecuteFunctions, index = 0): Json {
  return resolved(context, context.getNode().parameters, index) as Json;
}

function resolved(context: IExecuteFunctions, value: unknown, index: number): unknown {
  if (typeof value === 'string') {
    return value.startsWith('=') ? context.evaluateExpression(value.slice(1), index) : value;
  }
  if (Array.isArray(value)) return value.map((entry) => resolved(context, entry, index));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, resolved(context, entry, index)]));
}

/** The value at a path such as `body.question`; undefined where there is none. */
export function pathOf(json: unknown, path: string): unknown {
  return path.split('.').reduce<unknown>((value, key) => (isRecord(value) ? value[key] : undefined), json);
}

export function isRecord(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
