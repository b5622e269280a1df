import type { IDataObject } from 'n8n-workflow';

import { eachBounded } from './bounded';
import { RunCache } from './cache';
import type { RequestContext } from './context';
import { throwIfCancelled } from './context';
import { objectOf } from './guards';
import { baseIdOf, declaredCapabilities, isEmbeddingModel, sourceOf } from './models';
import { openWebUiRequest } from './transport';

/** What users look for in a model. */
export type Ability = 'chat' | 'embedding' | 'vision';

/** Ollama's word for each ability. */
const WORDS: Record<Ability, string> = {
	chat: 'completion',
	embedding: 'embedding',
	vision: 'vision',
};

/** The server reads its own store for each answer; more at once would only queue there. */
const QUESTIONS_AT_ONCE = 4;

/** A description is read from disk, not from the model. */
const QUESTION_TIMEOUT_MS = 10_000;

/** A model server that does not answer would make each question wait: then no more are asked. */
const MAX_SILENCES = QUESTIONS_AT_ONCE;

const VISION_NAME =
	/vision|llava|moondream|minicpm-v|pixtral|omni|(^|[/_.\d-])vl([-_:.]|$)|gpt-(4o|4\.|4-turbo|5)|claude-|gemini|gemma-?3/i;

const NEITHER_NAME = /whisper|tts|transcribe|dall-e|image|moderation|rerank|sora/i;

function builtinCapabilities(id: string): string[] {
	return [isEmbeddingModel({ id }) ? WORDS.embedding : WORDS.chat];
}

/** True for an error that is not an answer about the model, such as a time limit. */
function isSilence(error: unknown): boolean {
	return !['400', '404', '405'].includes(String(objectOf(error).httpCode));
}

/** Finds out what models can do, and asks the server about each model once. */
export class CapabilityFinder {
	private readonly answers = new RunCache<string[] | undefined>();

	private silences = 0;

	/**
	 * The capabilities of each entry of a list, in its order and in the words of Ollama; undefined
	 * where the server does not tell. Entries of Ollama are asked for one by one, a few at a time, until
	 * the server has failed to answer a few times.
	 */
	async of(
		context: RequestContext,
		models: IDataObject[],
		itemIndex?: number,
	): Promise<Array<string[] | undefined>> {
		const found: Array<string[] | undefined> = models.map(() => undefined);
		await eachBounded(models.length, QUESTIONS_AT_ONCE, async (index) => {
			found[index] = await this.one(context, models[index] ?? {}, itemIndex);
		});
		return found;
	}

	private async one(
		context: RequestContext,
		model: IDataObject,
		itemIndex?: number,
	): Promise<string[] | undefined> {
		const declared = declaredCapabilities(model);
		if (declared) return declared;
		const id = baseIdOf(model);
		if (sourceOf({ ...model, id }) === 'builtin') return builtinCapabilities(id);
		// Entries of Ollama's own list have no owner.
		const isOllama = sourceOf(model) === 'ollama' || model.owned_by === undefined;
		if (!isOllama) return undefined;
		return await this.answers.get(id, async () => await this.ask(context, id, itemIndex));
	}

	private async ask(
		context: RequestContext,
		model: string,
		itemIndex?: number,
	): Promise<string[] | undefined> {
		if (this.silences >= MAX_SILENCES) return undefined;
		try {
			const answer = await openWebUiRequest(context, {
				method: 'POST',
				path: '/ollama/api/show',
				body: () => ({ model }),
				timeoutMs: QUESTION_TIMEOUT_MS,
				itemIndex,
			});
			return declaredCapabilities(objectOf(answer));
		} catch (error) {
			// What a model can do is an extra: a list without it is better than none.
			throwIfCancelled(context, itemIndex);
			if (isSilence(error)) this.silences += 1;
			return undefined;
		}
	}
}

/** True if the model has the ability: by its capabilities, or by its name when they are not known. */
export function isAble(
	model: IDataObject,
	ability: Ability,
	capabilities: string[] | undefined,
): boolean {
	if (capabilities) return capabilities.includes(WORDS[ability]);
	const id = baseIdOf(model);
	if (ability === 'embedding') return isEmbeddingModel(model);
	if (isEmbeddingModel(model) || NEITHER_NAME.test(id)) return false;
	return ability === 'chat' || VISION_NAME.test(id);
}
