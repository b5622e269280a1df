import type {
	IExecuteFunctions,
	INodeExecutionData,
	INodeType,
	INodeTypeDescription,
} from 'n8n-workflow';
import { NodeConnectionTypes } from 'n8n-workflow';

import { CapabilityFinder } from '../shared/capabilities';
import { paceOf } from '../shared/pace';
import { runItems } from '../shared/runItems';
import { listModels } from './listModels';
import { listModelsProperties } from './properties';

export class OpenWebUiListModels implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'Open WebUI List Models',
		name: 'openWebUiListModels',
		icon: { light: 'file:../../icons/openWebUi.svg', dark: 'file:../../icons/openWebUi.dark.svg' },
		group: ['input'],
		version: 1,
		subtitle:
			'={{ (({ capability, source, nameFilter }) => [capability === "any" ? "" : capability, source === "all" ? "" : source, nameFilter])($parameter["options"]).filter(Boolean).join(", ") || "all models" }}',
		description:
			'List the AI models that an Open WebUI server offers, with their IDs and what each can do',
		defaults: { name: 'List Models' },
		inputs: [NodeConnectionTypes.Main],
		outputs: [NodeConnectionTypes.Main],
		usableAsTool: true,
		credentials: [{ name: 'openWebUiApi', required: true }],
		properties: listModelsProperties,
	};

	async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
		const finder = new CapabilityFinder();
		const list = async (itemIndex: number) => await listModels(this, finder, itemIndex);
		return [await runItems(this, list, paceOf(this))];
	}
}
