import type {
	IExecuteFunctions,
	INodeExecutionData,
	INodeType,
	INodeTypeDescription,
} from 'n8n-workflow';
import { NodeConnectionTypes } from 'n8n-workflow';

import { withInputFiles } from '../shared/inputFiles';
import { paceOf } from '../shared/pace';
import { uploadProperties } from './properties';
import { syncItems } from './syncItems';
import { uploadItems } from './uploadItems';

export class OpenWebUiUploadFile implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'Open WebUI Upload File',
		name: 'openWebUiUploadFile',
		icon: { light: 'file:../../icons/openWebUi.svg', dark: 'file:../../icons/openWebUi.dark.svg' },
		group: ['output'],
		version: 1,
		subtitle:
			'={{ ($parameter["operation"] === "sync" ? "sync " : "") + ($parameter["inputType"] === "text" ? "from a text" : $parameter["inputType"] === "json" ? "from JSON" : "from field " + $parameter["binaryPropertyName"]) }}',
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
		const isSync = this.getNodeParameter('operation', 0, 'upload') === 'sync';
		const upload = isSync ? syncItems : uploadItems;
		return [withInputFiles(this, await upload(this, paceOf(this, 2)))];
	}
}
