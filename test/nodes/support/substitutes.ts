import type { INodeExecutionData, INodeType } from 'n8n-workflow';

import { readFiles } from './substitute-files.ts';
import { conditional, respond, stopAndError } from './substitute-flow.ts';
import { aggregate, limit, passOn, setFields, sort, splitOut } from './substitute-items.ts';
import { nodeOf } from './substitute-node.ts';

/**
 * Node classes by full type: small stand-ins for the nodes of n8n's own package that the example workflows
 * use around ours. They do what those nodes do with the parameters that the examples set; the engine,
 * expressions, conditions, pairing, errors and files around them are n8n's own. The engine gives triggers
 * their items.
 */
export const substitutes: Record<string, INodeType> = {
  'n8n-nodes-base.aggregate': nodeOf('aggregate', ['main'], aggregate),
  'n8n-nodes-base.filter': nodeOf('filter', ['main'], conditional(1)),
  'n8n-nodes-base.if': nodeOf('if', ['main', 'main'], conditional(2)),
  'n8n-nodes-base.limit': nodeOf('limit', ['main'], limit),
  'n8n-nodes-base.noOp': nodeOf('noOp', ['main'], passOn),
  'n8n-nodes-base.readWriteFile': nodeOf('readWriteFile', ['main'], readFiles),
  'n8n-nodes-base.respondToWebhook': nodeOf('respondToWebhook', ['main'], respond),
  'n8n-nodes-base.set': nodeOf('set', ['main'], setFields),
  'n8n-nodes-base.sort': nodeOf('sort', ['main'], sort),
  'n8n-nodes-base.splitOut': nodeOf('splitOut', ['main'], splitOut),
  'n8n-nodes-base.stickyNote': nodeOf('stickyNote', [], passOn),
  'n8n-nodes-base.stopAndError': nodeOf('stopAndError', [], stopAndError),
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
