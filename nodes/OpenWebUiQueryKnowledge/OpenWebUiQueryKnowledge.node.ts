import type {
	IExecuteFunctions,
	INodeExecutionData,
	INodeType,
	INodeTypeDescription,
} from 'n8n-workflow';
import { NodeConnectionTypes } from 'n8n-workflow';

import { searchFiles, searchKnowledge } from '../shared/listSearch';
import { paceOf } from '../shared/pace';
import { runItems } from '../shared/runItems';
import { queryProperties } from './properties';
import { queryItem } from './queryItem';
import { QueryRun } from './queryRun';

export class OpenWebUiQueryKnowledge implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'Open WebUI Query Knowledge',
		name: 'openWebUiQueryKnowledge',
		icon: { light: 'file:../../icons/openWebUi.svg', dark: 'file:../../icons/openWebUi.dark.svg' },
		group: ['transform'],
		version: 1,
		subtitle: '={{ $parameter["query"] }}',
		description:
			"Search the company's documents in Open WebUI for the passages that match a question, with file, page and score",
		defaults: { name: 'Query Knowledge' },
		inputs: [NodeConnectionTypes.Main],
		outputs: [NodeConnectionTypes.Main],
		usableAsTool: true,
		credentials: [{ name: 'openWebUiApi', required: true }],
		properties: queryProperties,
	};

	methods = { listSearch: { searchFiles, searchKnowledge } };

	async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
		const run = new QueryRun();
		const query = async (itemIndex: number) => await queryItem(this, run, itemIndex);
		const items = await runItems(this, query, paceOf(this));
		run.remarks.show(this);
		return [items];
	}
}
