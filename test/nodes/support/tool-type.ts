import type { INodeProperties, INodeType, INodeTypeDescription } from 'n8n-workflow';

const SUFFIX = 'Tool';

/** The name of the node that a tool of that name is made of; undefined for any other name. */
export function nameWithoutTool(name: string): string | undefined {
  return name.endsWith(SUFFIX) ? name.slice(0, -SUFFIX.length) : undefined;
}

function descriptionFields({ description, properties }: INodeTypeDescription): INodeProperties[] {
  const byHand: INodeProperties = { displayName: 'Description', name: 'toolDescription', type: 'string', default: description };
  if (!properties.some(({ name }) => name === 'resource' || name === 'operation')) return [byHand];
  // n8n then writes the description itself, out of the operation's label, unless the user asks for a field.
  const kind: INodeProperties = {
    displayName: 'Tool Description',
    name: 'descriptionType',
    type: 'options',
    options: [{ name: 'Set Automatically', value: 'auto' }, { name: 'Set Manually', value: 'manual' }],
    default: 'auto',
  };
  return [kind, { ...byHand, displayOptions: { show: { descriptionType: ['manual'] } } }];
}

/**
 * What n8n's server makes of a node with `usableAsTool` before its engine sees it: the same class with the name of
 * a tool, no input, the output of a tool, and a field for the tool's description. n8n-core does the rest.
 */
export function toolTypeOf(node: INodeType): INodeType {
  const { description } = node;
  if (!description.usableAsTool) throw new Error(`${description.name} is not usable as a tool`);
  const asTool = {
    ...description,
    name: `${description.name}${SUFFIX}`,
    displayName: `${description.displayName} ${SUFFIX}`,
    inputs: [],
    outputs: ['ai_tool'],
    properties: [...descriptionFields(description), ...description.properties],
  } as unknown as INodeTypeDescription;
  return Object.create(node, { description: { value: asTool } }) as INodeType;
}
