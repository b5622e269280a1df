import { AppError } from '../../../domain/errors.ts';
import type { JsonObject } from '../../../domain/json.ts';

/** The complete name in an entry of /api/tags or /api/ps. */
export function nameOf(entry: JsonObject): string | null {
  const name = entry['model'] ?? entry['name'];
  return typeof name === 'string' && name !== '' ? name : null;
}

/** The name in `names` that a client means: the same, or with the tag `latest` added as Ollama itself does. */
export function matchName(model: string, names: ReadonlySet<string>): string | null {
  if (names.has(model)) return model;
  const lastPart = model.slice(model.lastIndexOf('/') + 1);
  return !lastPart.includes(':') && names.has(`${model}:latest`) ? `${model}:latest` : null;
}

export function modelNotFound(model: unknown): AppError {
  const name = typeof model === 'string' ? model : 'None';
  return new AppError('OLLAMA_MODEL_NOT_FOUND', `Model '${name}' was not found`, { details: { model: typeof model === 'string' ? model : null } });
}
