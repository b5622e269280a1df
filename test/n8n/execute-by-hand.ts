import assert from 'node:assert/strict';

import { ExecutionOutput } from './execution-output.ts';
import type { Lane } from './lane.ts';
import type { Workflow } from './workflows.ts';

/** Runs a workflow from the command line by its Manual Trigger, to its end. Rejects when it fails. */
export async function executeByHand(lane: Lane, { id }: Workflow): Promise<ExecutionOutput> {
  const finished = await lane.n8n.command('execute', `--id=${id}`, '--rawOutput');
  assert.equal(finished.code, 0, `${finished.stdout}\n${finished.stderr}`);
  return new ExecutionOutput(finished.stdout);
}
