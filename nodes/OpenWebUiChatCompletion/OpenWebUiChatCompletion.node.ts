import type {
	IExecuteFunctions,
	INodeExecutionData,
	INodeType,
	INodeTypeDescription,
} from 'n8n-workflow';
import { NodeConnectionTypes } from 'n8n-workflow';

import { withInputFiles } from '../shared/inputFiles';
import { searchFiles, searchKnowledge, searchModels } from '../shared/listSearch';
import { paceOf } from '../shared/pace';
import { runBranches } from '../shared/runItems';
import { chatItem } from './chatItem';
import { ChatRun } from './chatRun';
import { chatOutputs, outputCountOf } from './outputs';
import { chatProperties } from './properties';

export class OpenWebUiChatCompletion implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'Open WebUI Chat Completion',
		name: 'openWebUiChatCompletion',
		icon: { light: 'file:../../icons/openWebUi.svg', dark: 'file:../../icons/openWebUi.dark.svg' },
		group: ['transform'],
		version: 1,
		subtitle: '={{ $parameter["model"] }}',
		description:
			'Ask an AI model of Open WebUI a question and get its answer, on the ground of knowledge bases and files where they are chosen, with the sources',
		defaults: { name: 'Chat Completion' },
		inputs: [NodeConnectionTypes.Main],
		outputs: chatOutputs,
		usableAsTool: true,
		parameterPane: 'wide',
		credentials: [{ name: 'openWebUiApi', required: true }],
		properties: chatProperties,
	};

	methods = { listSearch: { searchFiles, searchKnowledge, searchModels } };

	async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
		const run = new ChatRun();
		const outputs = await runBranches(
			this,
			async (itemIndex) => await chatItem(this, run, itemIndex),
			outputCountOf(this),
			paceOf(this),
		);
		run.remarks.show(this);
		const [answered = [], ...nothingFound] = outputs;
		// A branch for open questions goes on with what came in.
		return [answered, ...nothingFound.map((items) => withInputFiles(this, items))];
	}
}
