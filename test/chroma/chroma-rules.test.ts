import { describe, expect, it } from '@jest/globals';
import { cleanEnvironment } from '../../runtime/src/adapters/chroma/clean-environment.ts';
import { CollectionGuard } from '../../runtime/src/adapters/chroma/collection-guard.ts';
import { exemptLoopback } from '../../runtime/src/adapters/chroma/exempt-loopback.ts';
import { decideRestart, defaultRestartPolicy } from '../../runtime/src/adapters/chroma/restart-policy.ts';
import { writeBatches } from '../../runtime/src/adapters/chroma/write-batches.ts';

const recordsOf = (count: number, dimensions: number) =>
  Array.from({ length: count }, (_, place) => ({ id: `chunk-${place}`, fileId: 'file', vector: new Float32Array(dimensions) }));

describe('the batches of a write', () => {
  it('hold a thousand small records each, in order and complete', () => {
    const records = recordsOf(2_500, 384);
    const batches = writeBatches(records);
    expect(batches.map(({ length }) => length)).toEqual([1_000, 1_000, 500]);
    expect(batches.flat()).toEqual(records);
  });

  it('stay under 40 MiB for long vectors, even written out as decimals', () => {
    const batches = writeBatches(recordsOf(3_000, 4_096));
    expect(batches.flat()).toHaveLength(3_000);
    for (const batch of batches) expect(batch.length * 4_096 * 22).toBeLessThan(40 * 1024 * 1024);
  });

  it('send a record that is too large for any batch alone, and nothing for nothing', () => {
    const huge = { id: 'x'.repeat(9_000_000), fileId: 'f', vector: new Float32Array(1) };
    expect(writeBatches([...recordsOf(2, 4), huge, ...recordsOf(1, 4).map((each) => ({ ...each, id: 'last' }))]).map(({ length }) => length)).toEqual([2, 1, 1]);
    expect(writeBatches([])).toEqual([]);
  });
});

describe('the restart of a server that ended', () => {
  it('waits longer after each failure in a row, then gives up for a while', () => {
    let failures = 0;
    const pauses = Array.from({ length: 6 }, () => {
      const decision = decideRestart(defaultRestartPolicy, failures, 1_000);
      failures = decision.failures;
      return decision.hasGivenUp ? 'slow' : decision.pauseMs;
    });
    expect(pauses).toEqual([250, 500, 1_000, 2_000, 'slow', 'slow']);
  });

  it('forgets earlier failures once the server lived long', () => {
    expect(decideRestart(defaultRestartPolicy, 9, defaultRestartPolicy.healthyAfterMs)).toEqual({ failures: 1, hasGivenUp: false, pauseMs: 250 });
  });
});

describe('the search for the collection that crashes the server', () => {
  const crashDuring = (guard: CollectionGuard, collection: string): string[] => {
    const leave = guard.enter(collection, 'query');
    leave('connection-lost');
    return guard.crashed();
  };

  it('blames what was under way or just lost its connection, at the third crash', () => {
    const guard = new CollectionGuard();
    const leave = guard.enter('slow', 'query');
    expect([crashDuring(guard, 'fast'), crashDuring(guard, 'fast')]).toEqual([[], []]);
    expect(crashDuring(guard, 'fast').sort()).toEqual(['fast', 'slow']);
    leave('other');
    expect([guard.isQuarantined('fast'), guard.isQuarantined('slow'), guard.isQuarantined('third')]).toEqual([true, true, false]);
  });

  it('takes a success of the same operation as a proof of innocence, but not one of another', () => {
    const guard = new CollectionGuard();
    crashDuring(guard, 'a');
    crashDuring(guard, 'a');
    guard.enter('a', 'count')('success');
    expect(crashDuring(guard, 'a')).toEqual(['a']);
    guard.forget('a');
    crashDuring(guard, 'a');
    crashDuring(guard, 'a');
    guard.enter('a', 'query')('success');
    expect(crashDuring(guard, 'a')).toEqual([]);
  });

  it('does not carry a lost connection over to a later crash', () => {
    const guard = new CollectionGuard();
    for (let round = 0; round < 3; round += 1) {
      guard.enter('a', 'query')('connection-lost');
      guard.endedOtherwise();
      guard.crashed();
    }
    expect(guard.isQuarantined('a')).toBe(false);
  });
});

describe('the environment of the child', () => {
  it('has neither secrets nor settings of ours, and telemetry off', () => {
    expect(cleanEnvironment({ PATH: '/bin', OPENAI_API_KEY: 'sk-1', CHROMA_PORT: '1', HTTP_PROXY: 'http://proxy', HOME: undefined })).toEqual({ PATH: '/bin', ANONYMIZED_TELEMETRY: 'False', DO_NOT_TRACK: '1' });
  });
});

describe('a proxy in the environment', () => {
  it('is not for Chroma: loopback is added to the exceptions that are there', () => {
    const exempted = (environment: Record<string, string>) => {
      exemptLoopback(environment);
      return environment;
    };
    expect(exempted({})).toEqual({});
    expect(exempted({ HTTP_PROXY: 'http://p' })).toEqual({ HTTP_PROXY: 'http://p', NO_PROXY: '127.0.0.1' });
    expect(exempted({ http_proxy: 'http://p', no_proxy: 'a.example, b.example', NO_PROXY: 'c' })).toEqual({ http_proxy: 'http://p', no_proxy: 'a.example,b.example,127.0.0.1', NO_PROXY: 'c' });
    expect(exempted({ ALL_PROXY: 'http://p', NO_PROXY: '*' })).toEqual({ ALL_PROXY: 'http://p', NO_PROXY: '*' });
  });
});
