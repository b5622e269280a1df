import { readFile, stat } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';

import { describe, expect, it } from '@jest/globals';
import type { INodeProperties, INodeType } from 'n8n-workflow';

import type { Json, WorkflowFile, WorkflowNode } from './support/engine-types.ts';
import { exampleNames, readExample } from './support/examples.ts';
import { TRIGGER_TYPES } from './support/substitutes.ts';
import { toolTypeOf } from './support/tool-type.ts';

const require = createRequire(import.meta.url);
const ROOT = join(import.meta.dirname, '../..');
const OURS = 'n8n-nodes-openwebui-rag.';
const names = await exampleNames();
const readme = await readFile(join(ROOT, 'examples', 'README.md'), 'utf8');

type Links = Record<string, Record<string, { node: string }[][]>>;

function propertiesOf(node: WorkflowNode): INodeProperties[] {
  const className = node.type.slice(OURS.length).replace(/^o/u, 'O').replace(/Tool$/u, '');
  const module = require(join(ROOT, 'dist', 'nodes', className, `${className}.node.js`)) as Record<string, new () => INodeType>;
  const Node = module[className];
  if (Node === undefined) throw new Error(`There is no node ${className}`);
  const { description } = new Node();
  return node.type.endsWith('Tool') ? toolTypeOf({ description }).description.properties : description.properties;
}

/** Fields of a form that its description does not have, as paths. */
function unknownFields(values: Json, properties: readonly INodeProperties[], path: string): string[] {
  return Object.entries(values).flatMap(([name, value]) => {
    const known = properties.filter((property) => property.name === name);
    if (known.length === 0) return [`${path}.${name}`];
    const collection = known.find(({ type }) => type === 'collection');
    return collection ? unknownFields(value as Json, collection.options as INodeProperties[], `${path}.${name}`) : [];
  });
}

const isTrigger = ({ type }: WorkflowNode): boolean => TRIGGER_TYPES.includes(type) || type.endsWith('Trigger');
const targetsOf = ({ connections }: WorkflowFile): string[] =>
  Object.values(connections as Links).flatMap((outputs) => Object.values(outputs).flat(2).map(({ node }) => node));

describe.each(names)('The example %s', (name) => {
  it('uses nodes of n8n and of this pack only, by names that its links and expressions know', async () => {
    const workflow = await readExample(name);
    const own = workflow.nodes.map((node) => node.name);
    expect(new Set(own).size).toBe(own.length);
    for (const { type } of workflow.nodes) expect(type).toMatch(/^(n8n-nodes-base|@n8n\/n8n-nodes-langchain|n8n-nodes-openwebui-rag)\.\w+$/u);
    const asked = [...JSON.stringify(workflow.nodes).matchAll(/\$\('([^']+)'\)/gu)].map(([, node]) => node);
    expect(own).toEqual(expect.arrayContaining([...Object.keys(workflow.connections), ...targetsOf(workflow), ...asked]));
  });

  it('fills in only fields that the nodes have', async () => {
    const { nodes } = await readExample(name);
    const ours = nodes.filter(({ type }) => type.startsWith(OURS));
    expect(ours).not.toEqual([]);
    expect(ours.flatMap((node) => unknownFields(node.parameters ?? {}, propertiesOf(node), node.name))).toEqual([]);
  });

  it('explains itself in notes, and can be tried by hand before it is published', async () => {
    const { nodes, active, pinData } = await readExample(name);
    expect(nodes.filter(({ type }) => type === 'n8n-nodes-base.stickyNote')).not.toEqual([]);
    const triggers = nodes.filter(isTrigger).map(({ type }) => type.split('.').at(-1));
    expect(triggers.filter((type) => type === 'manualTrigger' || type === 'chatTrigger')).not.toEqual([]);
    expect([active, pinData]).toEqual([false, {}]);
  });

  it('is explained in examples/README.md with its picture, and named in the README of the repository', async () => {
    const section = readme.split('\n## ').find((part) => part.includes(`](${name})`)) ?? '';
    const anchor = section.split('\n')[0]?.toLowerCase().replaceAll(' ', '-');
    expect(await readFile(join(ROOT, 'README.md'), 'utf8')).toContain(`| [${name}](examples/README.md#${String(anchor)}) |`);
    const picture = `docs/images/${name.replace('.json', '.png')}`;
    expect(readme).toContain(`](../${picture})`);
    expect((await stat(join(ROOT, picture))).size).toBeGreaterThan(10_000);
  });
});
