import type {
	IExecuteFunctions,
	INodeExecutionData,
	INodeType,
	INodeTypeDescription,
} from 'n8n-workflow';
import { NodeConnectionTypes } from 'n8n-workflow';

import { optionsOf } from '../shared/options';
import { runItems } from '../shared/runItems';
import { Turns } from '../shared/turns';
import { uploadProperties } from './properties';
import { uploadItem } from './uploadItem';

export class OpenWebUiUploadFile implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'Open WebUI Upload File',
		name: 'openWebUiUploadFile',
		icon: { light: 'file:../../icons/openWebUi.svg', dark: 'file:../../icons/openWebUi.dark.svg' },
		group: ['output'],
		version: 1,
		subtitle: '={{ $parameter["inputType"] === "text" ? "from a text" : $parameter["inputType"] === "json" ? "from JSON" : "from field " + $parameter["binaryPropertyName"] }}',
		description:
			'Save a file, a text or JSON as a document in Open WebUI, wait until it is searchable, and get its file ID',
		defaults: { name: 'Upload File' },
		inputs: [NodeConnectionTypes.Main],
		outputs: [NodeConnectionTypes.Main],
		usableAsTool: true,
		credentials: [{ name: 'openWebUiApi', required: true }],
		properties: uploadProperties,
	};

	async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
		const concurrency = Number(optionsOf(this, 0).concurrency ?? 2);
		const turns = new Turns();
		return [
			await runItems(
				this,
				async (itemIndex) => await uploadItem(this, turns, itemIndex),
				concurrency,
			),
		];
	}
}
