import type * as N8n from 'n8n-workflow';

import type { Json, NodeRun, OutputItem, RunError, RunResult } from './engine-types.ts';

/** An error as a user sees it; `node` names the node where the error itself does not. */
export function toError(value: unknown, node?: string): RunError {
  const error = value as Json;
  const context = (error['context'] ?? {}) as Json;
  const owner = (error['node'] as { name?: string } | undefined)?.name ?? node;
  return {
    name: String(error['name']),
    message: String(error['message']),
    ...(typeof error['description'] === 'string' ? { description: error['description'] } : {}),
    ...(typeof error['httpCode'] === 'string' ? { httpCode: error['httpCode'] } : {}),
    ...(typeof context['itemIndex'] === 'number' ? { itemIndex: context['itemIndex'] } : {}),
    ...(owner === undefined ? {} : { node: owner }),
  };
}

/** An item as plain data. */
export function toItem(item: N8n.INodeExecutionData): OutputItem {
  const files = Object.entries(item.binary ?? {}).map(([field, file]) => [
    field,
    {
      mimeType: file.mimeType,
      ...(file.fileName === undefined ? {} : { fileName: file.fileName }),
      ...(file.id === undefined ? {} : { id: file.id }),
    },
  ]);
  return {
    json: item.json,
    ...(item.pairedItem === undefined ? {} : { pairedItem: item.pairedItem }),
    ...(files.length > 0 ? { binary: Object.fromEntries(files) as NonNullable<OutputItem['binary']> } : {}),
  };
}

/** n8n 2.0 has no such field. */
function tokenUsageOf(metadata: N8n.ITaskMetadata | undefined): Pick<NodeRun, 'tokenUsage'> {
  const tokenUsage = (metadata as Json | undefined)?.['tokenUsage'];
  return tokenUsage === undefined ? {} : { tokenUsage: tokenUsage as Json };
}

function toNodeRun(name: string, data: N8n.ITaskData): NodeRun {
  const outputs = (data.data?.['main'] ?? []).map((items) => (items ?? []).map(toItem));
  return {
    outputs,
    items: outputs[0] ?? [],
    ...(data.error ? { error: toError(data.error, name) } : {}),
    hints: (data.hints ?? []).map(({ message }) => message),
    ...tokenUsageOf(data.metadata),
    startedAtMs: data.startTime,
    durationMs: data.executionTime,
  };
}

/** n8n's own record of a run as plain data. Of a node that ran several times, the last run is shown. */
export function toRunResult(run: N8n.IRun): Pick<RunResult, 'status' | 'error' | 'lastNode' | 'nodes'> {
  const { runData, error, lastNodeExecuted } = run.data.resultData;
  const nodes: Record<string, NodeRun> = {};
  for (const [name, runs] of Object.entries(runData)) {
    const last = runs.at(-1);
    if (last) nodes[name] = toNodeRun(name, last);
  }
  const result = {
    status: run.status,
    ...(error ? { error: toError(error) } : {}),
    ...(lastNodeExecuted === undefined ? {} : { lastNode: lastNodeExecuted }),
    nodes,
  };
  return JSON.parse(JSON.stringify(result)) as typeof result;
}
