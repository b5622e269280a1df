import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { createTurns } from '../../runtime/src/usecases/background.ts';

describe('work in turns', () => {
  it('of one key never overlaps and keeps its order, of other keys does not wait', async () => {
    const turns = createTurns();
    const log: string[] = [];
    const work = (name: string, rounds: number) => async (): Promise<string> => {
      log.push(`${name} begins`);
      for (let round = 0; round < rounds; round += 1) await nextTurn();
      log.push(`${name} ends`);
      return name;
    };
    expect(await Promise.all([turns('a', work('a1', 3)), turns('a', work('a2', 1)), turns('b', work('b1', 1))])).toEqual(['a1', 'a2', 'b1']);
    expect(log.filter((line) => line.startsWith('a'))).toEqual(['a1 begins', 'a1 ends', 'a2 begins', 'a2 ends']);
    expect(log.indexOf('b1 ends')).toBeLessThan(log.indexOf('a1 ends'));
  });

  it('goes on after work that failed, whose caller alone is told', async () => {
    const turns = createTurns();
    const failed = turns('a', () => Promise.reject(new Error('no')));
    const next = turns('a', () => Promise.resolve('yes'));
    await expect(failed).rejects.toThrow('no');
    expect(await next).toBe('yes');
  });
});
