import type { IExecuteFunctions, INodeTypeDescription } from 'n8n-workflow';
import { NodeConnectionTypes } from 'n8n-workflow';

import { isUsedAsTool } from '../shared/context';
import { runOption } from '../shared/options';
import { withoutSourcesOf } from './sourcePolicy';

const MAIN = NodeConnectionTypes.Main;

/** One output, or two when items without sources are to leave by a way of their own. */
export const chatOutputs: INodeTypeDescription['outputs'] =
	`={{ $parameter["options"]?.["requireSources"] === "secondOutput" ? [{ type: "${MAIN}", displayName: "Answered" }, { type: "${MAIN}", displayName: "Nothing Found" }] : ["${MAIN}"] }}`;

/** How many outputs the running node has. An agent reads the first output of its tool alone. */
export function outputCountOf(context: IExecuteFunctions): number {
	const withoutSources = withoutSourcesOf(runOption(context, 'requireSources'));
	return withoutSources === 'secondOutput' && !isUsedAsTool(context) ? 2 : 1;
}
