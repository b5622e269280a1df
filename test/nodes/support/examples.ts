import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

import type { Json, RunResult, WorkflowFile, WorkflowNode } from './engine-types.ts';

const FOLDER = join(import.meta.dirname, '../../../examples');

/** The file names of all example workflows. */
export async function exampleNames(): Promise<string[]> {
  return (await readdir(FOLDER)).filter((name) => name.endsWith('.json') && name !== 'package.json').sort();
}

/** An example as the repository ships it. */
export async function readExample(fileName: string): Promise<WorkflowFile> {
  return JSON.parse(await readFile(join(FOLDER, fileName), 'utf8')) as WorkflowFile;
}

/** The node of that name, to be changed as a user would change it in its form. */
export function nodeNamed(workflow: WorkflowFile, name: string): WorkflowNode & { parameters: Json } {
  const node = workflow.nodes.find((candidate) => candidate.name === name);
  if (node?.parameters === undefined) throw new Error(`The example has no node "${name}"`);
  return node as WorkflowNode & { parameters: Json };
}

/** What the items of an output of a node hold; nothing when the node did not run. */
export function jsonsOf(result: RunResult, node: string, output = 0): Json[] {
  return (result.nodes[node]?.outputs[output] ?? []).map(({ json }) => json);
}
