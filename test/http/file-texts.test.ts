import { describe, expect, it } from '@jest/globals';
import type { FileRecord } from '../../runtime/src/domain/file.ts';
import type { Principal } from '../../runtime/src/domain/user.ts';
import { fileTexts, MAX_LIST_TEXT_CHARS } from '../../runtime/src/http/file-texts.ts';
import type { UseCases } from '../../runtime/src/usecases/use-cases.ts';

describe('the texts of a list of files', () => {
  it('end where they would be too much for one answer, and no more of them are read', async () => {
    const text = 'x'.repeat(MAX_LIST_TEXT_CHARS / 4);
    const read: string[] = [];
    const useCases = { getFileText: async (_principal: Principal, id: string) => (read.push(id), text) } as unknown as UseCases;
    const files = Array.from({ length: 50 }, (_, at) => ({ id: `f${at}`, status: 'completed' }) as FileRecord);
    const texts = await fileTexts(useCases, {} as Principal, files);
    expect([[...texts.keys()], read.length]).toEqual([['f0', 'f1', 'f2', 'f3'], 8]);
  });
});
