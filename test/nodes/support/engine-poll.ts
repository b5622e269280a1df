import type * as Core from 'n8n-core';
import type * as N8n from 'n8n-workflow';

import { toError, toItem } from './engine-result.ts';
import type { Json, PollResult } from './engine-types.ts';

/** A polling trigger in a workflow that holds its static data. */
export interface Poller {
  core: typeof Core;
  workflow: N8n.Workflow;
  node: N8n.INode;
  additionalData: N8n.IWorkflowExecuteAdditionalData;
}

/** One poll as n8n's own poller makes it. */
async function poll({ core, workflow, node, additionalData }: Poller): Promise<N8n.INodeExecutionData[]> {
  const context = new core.PollContext(workflow, node, additionalData, 'trigger', 'init') as unknown as N8n.IPollFunctions;
  // n8n-core 2.0 keeps its poller to itself, which does no more than this.
  const output = core.TriggersAndPollers
    ? await new core.TriggersAndPollers().runPollFunction(workflow, node, context)
    : await workflow.nodeTypes.getByNameAndVersion(node.type, node.typeVersion).poll?.call(context);
  return output?.[0] ?? [];
}

/**
 * Polls once, or so many times at once on the same workflow, and gives all items and the static data as n8n
 * would store it. A poll that throws gives its error.
 */
export async function pollOnce(poller: Poller, timesAtOnce: number): Promise<PollResult> {
  const runs = await Promise.allSettled(Array.from({ length: timesAtOnce }, async () => await poll(poller)));
  const items = runs.flatMap((run) => (run.status === 'fulfilled' ? run.value : []));
  const failed = runs.find((run) => run.status === 'rejected');
  return {
    items: items.map(toItem),
    state: JSON.parse(JSON.stringify(poller.workflow.staticData)) as Json,
    ...(failed ? { error: toError(failed.reason, poller.node.name) } : {}),
  };
}
