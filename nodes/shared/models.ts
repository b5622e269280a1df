import type { IDataObject } from 'n8n-workflow';

import { isObject, numberOf, objectOf, textOf } from './guards';

/** Where a model comes from, as users think of it. */
export type ModelSource = 'builtin' | 'ollama' | 'openai' | 'other';

/** A model of the list, reduced to what workflows use. */
export interface ModelSummary {
	id: string;
	name: string;
	source: ModelSource;
	custom: boolean;
	embedding: boolean;
	loaded?: boolean;
	sizeBytes?: number;
	parameterSize?: string;
	quantization?: string;
	baseModel?: string;
	description?: string;
	/** In the words of Ollama: completion, embedding, vision, tools ... Left out when not known. */
	capabilities?: string[];
}

/** Not "embedded", of which a chat model may know. */
const EMBEDDING_NAME = /embed(?!ded)|minilm|(^|[/_-])(bge|e5|gte)([-_:]|$)/i;

/** The model whose abilities count: that of a custom model is the one it is made from. */
export function baseIdOf(model: IDataObject): string {
	const base = textOf(objectOf(model.info).base_model_id);
	return base ?? String(model.id ?? model.model ?? model.name ?? '');
}

/** Where the model comes from: the id tells the built-in ones, `owned_by` the others. */
export function sourceOf(model: IDataObject): ModelSource {
	const id = String(model.id ?? model.model ?? '');
	const owner = String(model.owned_by ?? '');
	if (id.startsWith('builtin/') || /^built-?in$/i.test(owner)) return 'builtin';
	if (owner === 'ollama' || isObject(model.ollama)) return 'ollama';
	return owner === 'openai' || isObject(model.openai) ? 'openai' : 'other';
}

/** What the entry itself says that the model can do, as newer Ollama servers do in their lists. */
export function declaredCapabilities(model: IDataObject): string[] | undefined {
	const origin = { ...objectOf(model.ollama), ...objectOf(model.openai) };
	const declared = origin.capabilities ?? model.capabilities;
	return Array.isArray(declared) ? declared.map(String) : undefined;
}

/** True if the model is made for embedding, as far as its capabilities, family and name tell. */
export function isEmbeddingModel(
	model: IDataObject,
	capabilities: string[] | undefined = declaredCapabilities(model),
): boolean {
	if (capabilities) {
		return capabilities.includes('embedding') && !capabilities.includes('completion');
	}
	const tag = isObject(model.ollama) ? model.ollama : model;
	const { family, families } = objectOf(tag.details);
	const all = [family, ...(Array.isArray(families) ? families : [])];
	if (all.some((entry) => typeof entry === 'string' && /bert/i.test(entry))) return true;
	return EMBEDDING_NAME.test(baseIdOf(model));
}

/** An entry of the model list in short, with what is known of its capabilities. */
export function toModel(model: IDataObject, capabilities?: string[]): ModelSummary {
	const ollama = objectOf(model.ollama);
	const details = objectOf(ollama.details);
	const info = objectOf(model.info);
	const id = String(model.id);
	const summary: ModelSummary = {
		id,
		name: textOf(model.name) ?? id,
		source: sourceOf(model),
		custom: model.preset === true,
		embedding: isEmbeddingModel(model, capabilities),
	};
	const optional = {
		loaded: typeof model.loaded === 'boolean' ? model.loaded : undefined,
		sizeBytes: numberOf(ollama.size),
		parameterSize: textOf(details.parameter_size),
		quantization: textOf(details.quantization_level),
		baseModel: textOf(info.base_model_id),
		description: textOf(objectOf(info.meta).description),
		capabilities,
	};
	const present = Object.entries(optional).filter(([, value]) => value !== undefined);
	return { ...summary, ...Object.fromEntries(present) };
}
