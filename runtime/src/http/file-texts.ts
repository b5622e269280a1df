import { isAppError } from '../domain/errors.ts';
import type { FileRecord } from '../domain/file.ts';
import type { Principal } from '../domain/user.ts';
import type { UseCases } from '../usecases/use-cases.ts';

/** Texts are read this many at a time, so that a page of long documents does not fill the memory all at once. */
const CONCURRENCY = 8;
/**
 * Texts of one list together, after which the rest comes without: a page of the largest documents would be more than a
 * process can hold. Each text is still there by its own id.
 */
export const MAX_LIST_TEXT_CHARS = 20_000_000;

/** The text of a completed file; null for every other one, or when it was deleted meanwhile. */
export async function textOf(useCases: UseCases, principal: Principal, file: FileRecord): Promise<string | null> {
  if (file.status !== 'completed') return null;
  try {
    return await useCases.getFileText(principal, file.id);
  } catch (error) {
    if (isAppError(error) && error.code === 'NOT_FOUND') return null;
    throw error;
  }
}

/** The texts of a list's completed files by file id, as many of the first as MAX_LIST_TEXT_CHARS allows. */
export async function fileTexts(useCases: UseCases, principal: Principal, files: readonly FileRecord[]): Promise<Map<string, string>> {
  const texts = new Map<string, string>();
  let totalChars = 0;
  for (let start = 0; start < files.length; start += CONCURRENCY) {
    const batch = files.slice(start, start + CONCURRENCY);
    const found = await Promise.all(batch.map(async (file) => ({ id: file.id, text: await textOf(useCases, principal, file) })));
    for (const { id, text } of found) {
      totalChars += text?.length ?? 0;
      if (totalChars > MAX_LIST_TEXT_CHARS) return texts;
      if (text !== null) texts.set(id, text);
    }
  }
  return texts;
}
