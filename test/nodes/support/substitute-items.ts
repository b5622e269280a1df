import type { IDataObject, IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';

import type { Json } from './engine-types.ts';
import { isRecord, parametersOf, pathOf } from './substitute-node.ts';

type Items = Promise<INodeExecutionData[][]>;

/** A value as Edit Fields stores it in a field of that type. Throws when it cannot be one. */
function converted(name: string, type: unknown, value: unknown): unknown {
  if (value === undefined || value === null) return null;
  if (type === 'string') return typeof value === 'object' ? JSON.stringify(value) : String(value);
  const read: unknown = typeof value === 'string' ? JSON.parse(value) : value;
  const fits = type === 'array' ? Array.isArray(read) : type === 'object' ? isRecord(read) : typeof read === type;
  if (!fits) throw new Error(`'${name}' expects a ${String(type)} but we got ${JSON.stringify(value)}`);
  return read;
}

/** Edit Fields (Set): manual fields or JSON. */
export async function setFields(this: IExecuteFunctions): Items {
  const items = this.getInputData().map((item, index) => {
    const parameters = parametersOf(this, index);
    const list = pathOf(parameters, 'assignments.assignments');
    const fields: Json = {};
    for (const entry of Array.isArray(list) ? (list as Json[]) : []) {
      fields[String(entry['name'])] = converted(String(entry['name']), entry['type'], entry['value']);
    }
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

/** Split Out: an item for each entry of a list. */
export async function splitOut(this: IExecuteFunctions): Items {
  const items = this.getInputData().flatMap((item, index) => {
    const { fieldToSplitOut, include } = parametersOf(this, index) as { fieldToSplitOut: string; include?: string };
    const list = pathOf(item.json, fieldToSplitOut);
    const others = include === 'allOtherFields' ? { ...item.json, [fieldToSplitOut]: undefined } : {};
    return (Array.isArray(list) ? (list as unknown[]) : [list]).map((entry) => ({
      json: { ...others, ...(isRecord(entry) ? entry : { [fieldToSplitOut]: entry }) } as IDataObject,
      pairedItem: { item: index },
    }));
  });
  return [items];
}

function order(left: unknown, right: unknown): number {
  const [a, b] = [left, right].map((value) => (typeof value === 'string' ? value.toLowerCase() : value)) as [number, number];
  return a === b ? 0 : a < b ? -1 : 1;
}

/** Sort, by fields: text without regard to case. */
export async function sort(this: IExecuteFunctions): Items {
  const fields = pathOf(parametersOf(this), 'sortFieldsUi.sortField') as { fieldName: string; order?: string }[];
  const items = this.getInputData();
  for (const { fieldName } of fields) {
    const found = items.some(({ json }) => pathOf(json, fieldName) !== undefined);
    if (!found) throw new Error(`Couldn't find the field '${fieldName}' in the input data`);
  }
  const compare = (a: INodeExecutionData, b: INodeExecutionData): number => {
    for (const { fieldName, order: direction } of fields) {
      const result = order(pathOf(a.json, fieldName), pathOf(b.json, fieldName));
      if (result !== 0) return direction === 'descending' ? -result : result;
    }
    return 0;
  };
  return [items.toSorted(compare)];
}

/** Limit. */
export async function limit(this: IExecuteFunctions): Items {
  const { maxItems = 1, keep } = parametersOf(this) as { maxItems?: number; keep?: string };
  const items = this.getInputData();
  return [keep === 'lastItems' ? items.slice(-maxItems) : items.slice(0, maxItems)];
}

/** Aggregate, all item data into a list. */
export async function aggregate(this: IExecuteFunctions): Items {
  const { aggregate: kind, destinationFieldName = 'data' } = parametersOf(this) as { aggregate?: string; destinationFieldName?: string };
  if (kind !== 'aggregateAllItemData') throw new Error(`The stand-in does not do "${String(kind)}"`);
  const items = this.getInputData();
  return [[{ json: { [destinationFieldName]: items.map(({ json }) => json) }, pairedItem: items.map((_, item) => ({ item })) }]];
}

/** No Operation. */
export async function passOn(this: IExecuteFunctions): Items {
  return [this.getInputData()];
}
