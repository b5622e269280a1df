import type { IDataObject, IExecuteFunctions } from 'n8n-workflow';

import type { Ability, CapabilityFinder } from '../shared/capabilities';
import { isAble } from '../shared/capabilities';
import { requestModels } from '../shared/modelList';
import { declaredCapabilities, sourceOf, toModel } from '../shared/models';
import { comparable } from '../shared/namePattern';
import { countOf, optionsOf, timeoutMsOf } from '../shared/options';
import { SHORT_TIMEOUT_MS } from '../shared/transport';

const DEFAULT_LIMIT = 50;

/** The entries of the server that come from the chosen source and have the chosen name. */
async function findModels(
	context: IExecuteFunctions,
	options: IDataObject,
	itemIndex: number,
): Promise<IDataObject[]> {
	const models = await requestModels(context, {
		qs: options.refresh === true ? { refresh: true } : undefined,
		timeoutMs: timeoutMsOf(options, SHORT_TIMEOUT_MS),
		itemIndex,
	});
	const source = String(options.source ?? 'all');
	const words = comparable(options.nameFilter).toLowerCase();
	return models
		.filter((model) => source === 'all' || sourceOf(model) === source)
		.filter(({ id, name }) => comparable(`${String(id)}\n${String(name ?? '')}`).toLowerCase().includes(words));
}

/**
 * The models of the server that pass the filters of an item, in the order of the server. The server is
 * asked about single models only for a filter by capability, or to show them.
 */
export async function listModels(
	context: IExecuteFunctions,
	finder: CapabilityFinder,
	itemIndex: number,
): Promise<IDataObject[]> {
	const options = optionsOf(context, itemIndex);
	let models = await findModels(context, options, itemIndex);
	const ability = String(options.capability ?? 'any');
	const isFiltered = ability !== 'any';
	if (isFiltered) {
		const known = await finder.of(context, models, itemIndex);
		models = models.filter((model, index) => isAble(model, ability as Ability, known[index]));
	}
	const limit =
		context.getNodeParameter('returnAll', itemIndex) === true
			? models.length
			: countOf(context.getNodeParameter('limit', itemIndex), DEFAULT_LIMIT);
	const shown = models.slice(0, limit);
	if (context.getNodeParameter('simplify', itemIndex) !== true) return shown;
	const known =
		isFiltered || options.includeCapabilities === true
			? await finder.of(context, shown, itemIndex)
			: shown.map((model) => declaredCapabilities(model));
	return shown.map((model, index) => ({ ...toModel(model, known[index]) }));
}
