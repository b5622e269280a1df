import { isAppError } from '../domain/errors.ts';
import type { FileRecord } from '../domain/file.ts';
import type { Principal } from '../domain/user.ts';
import type { UseCases } from '../usecases/use-cases.ts';

/** Texts are read this many at a time, so that a page of long documents does not fill the memory all at once. */
const CONCURRENCY = 8;

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

/** The texts of a list's completed files by file id. */
export async function fileTexts(useCases: UseCases, principal: Principal, files: readonly FileRecord[]): Promise<Map<string, string>> {
  const texts = new Map<string, string>();
  for (let start = 0; start < files.length; start += CONCURRENCY) {
    const batch = files.slice(start, start + CONCURRENCY);
    await Promise.all(
      batch.map(async (file) => {
        const text = await textOf(useCases, principal, file);
        if (text !== null) texts.set(file.id, text);
      }),
    );
  }
  return texts;
}
