import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';

import { openBench } from './support/bench.ts';
import type { StoredBase, StoredFile } from './support/scripted-store.ts';
import { EMPTY_CONTENT, sha256 } from './support/scripted-store.ts';
import { ALL_EVENTS, watchBases, Watcher } from './support/watcher.ts';

/**
 * Random histories of a server, with polls at random moments, some of which fail. What the polls give
 * must be what the history says when it is read as a whole, file by file: no event less and none twice.
 */
const bench = openBench();
const { server } = bench;

/** All in one second: nothing may rest on times. */
const SAME_SECOND = { created_at: 1_795_000_000, updated_at: 1_795_000_000 };
const SLOTS = 6;

type Step =
  | { do: 'upload' | 'complete' | 'fail' | 'failForAMoment' | 'process' | 'change' | 'delete' | 'link' | 'unlink'; slot: number }
  | { do: 'poll' }
  | { do: 'failingPoll'; at: number };

const slotSteps = (['upload', 'complete', 'fail', 'failForAMoment', 'process', 'change', 'delete', 'link', 'unlink'] as const).map((name) =>
  fc.record({ do: fc.constant(name), slot: fc.nat(SLOTS - 1) }));
const step: fc.Arbitrary<Step> = fc.oneof(
  ...slotSteps.map((arbitrary) => ({ arbitrary, weight: 1 })),
  { arbitrary: fc.constant({ do: 'poll' as const }), weight: 5 },
  { arbitrary: fc.record({ do: fc.constant('failingPoll' as const), at: fc.nat(2) }), weight: 1 },
);

/** The server side of a history: a few places, each with a file or none; a base that some are in. */
class World {
  readonly base: StoredBase;
  private readonly slots: Array<StoredFile | undefined> = [];
  private count = 0;

  constructor() {
    server.reset();
    this.base = server.addBase('Manuals');
  }

  apply(name: string, slot: number): void {
    const file = this.slots[slot];
    if (name === 'upload') this.slots[slot] ??= this.upload();
    else if (file) this.applyTo(file, name, slot);
  }

  private upload(): StoredFile {
    const name = `file ${++this.count}`;
    return server.addFile(name, name, { ...SAME_SECOND, hash: null, data: { status: 'processing' } });
  }

  private applyTo(file: StoredFile, name: string, slot: number): void {
    if (name === 'complete') this.complete(file, file.text);
    if (name === 'change' && file.hash !== null) this.complete(file, `${file.text} changed`);
    if (name === 'fail') Object.assign(file, { hash: null, data: { status: 'failed', error: 'Broken' } });
    if (name === 'failForAMoment') Object.assign(file, { hash: null, data: { status: 'failed', error: EMPTY_CONTENT } });
    if (name === 'process') Object.assign(file, { hash: null, data: { status: 'processing' } });
    if (name === 'link' && !this.base.files.includes(file.id)) this.base.files.push(file.id);
    if (name === 'unlink') this.base.files = this.base.files.filter((id) => id !== file.id);
    if (name === 'delete') {
      server.deleteFile(file.id);
      this.slots[slot] = undefined;
    }
  }

  private complete(file: StoredFile, text: string): void {
    Object.assign(file, { text, hash: sha256(text), data: { status: 'completed' } });
  }
}

/** A file's state as a user would name it. */
type State = 'absent' | 'busy' | 'failed: Broken' | 'perhaps failed' | `searchable: ${string}`;

function stateOf(file: StoredFile | undefined): State {
  if (!file) return 'absent';
  const { status, error } = file.data;
  if (status === 'completed') return `searchable: ${String(file.hash)}`;
  if (status === 'processing') return 'busy';
  return error === EMPTY_CONTENT ? 'perhaps failed' : 'failed: Broken';
}

const snapshotOf = (files: StoredFile[]): Map<string, State> => new Map(files.map((file) => [file.id, stateOf(file)]));
const linkedIn = (base: StoredBase): StoredFile[] => base.files.map((id) => server.files.get(id)).filter((file) => file !== undefined);

/** What a file's states at the polls mean: states that tell nothing are left out, each change is one event. */
function eventsOf(states: State[]): string[] {
  const told: string[] = [];
  const certain = states.map((state, poll) => {
    if (state !== 'perhaps failed') return state;
    return poll === 0 || states[poll - 1] === state ? 'failed: empty' : 'busy';
  });
  let last: string = certain[0] === 'busy' ? 'absent' : String(certain[0]);
  for (const state of certain.slice(1)) {
    if (state === 'busy' || state === last) continue;
    if (state !== 'absent') told.push(state.split(':')[0] ?? '');
    else told.push('removed');
    last = state;
  }
  return told;
}

/** One watched list: its trigger, what it gave, and what was there to see at each poll that succeeded. */
class Witness {
  readonly seen: Array<Map<string, State>> = [];
  readonly told = new Map<string, string[]>();
  private readonly watcher: Watcher;
  private readonly look: () => StoredFile[];

  constructor(watcher: Watcher, look: () => StoredFile[]) {
    this.watcher = watcher;
    this.look = look;
  }

  async poll(): Promise<void> {
    this.seen.push(snapshotOf(this.look()));
    for (const { id, event } of await this.watcher.items()) this.told.set(String(id), [...(this.told.get(String(id)) ?? []), String(event)]);
  }

  async failingPoll(at: number): Promise<void> {
    let count = 0;
    server.onRequest = ({ path }) => {
      if (count++ === at) server.script('GET', path, { status: 403, body: { detail: 'Not now' }, times: 1 });
    };
    const before = this.watcher.state;
    const { items, error } = await this.watcher.poll();
    server.onRequest = () => undefined;
    if (error === undefined) throw new Error(`The poll did not fail: ${JSON.stringify(items)}`);
    expect(this.watcher.state).toEqual(before);
  }

  expected(): Map<string, string[]> {
    const ids = new Set(this.seen.flatMap((snapshot) => [...snapshot.keys()]));
    const all = [...ids].map((id) => [id, eventsOf(this.seen.map((snapshot) => snapshot.get(id) ?? 'absent'))] as const);
    return new Map(all.filter(([, events]) => events.length > 0));
  }
}

const byId = (events: Map<string, string[]>): Record<string, string[]> => Object.fromEntries(events);

describe('Whatever happens on the server between the polls', () => {
  it('each event is told once and in order, for all files and for a knowledge base', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 60 }), async (steps) => {
        const world = new World();
        const parameters = { events: ALL_EVENTS };
        const all = new Witness(new Watcher(bench.engine, parameters), () => [...server.files.values()]);
        const based = new Witness(new Watcher(bench.engine, { ...parameters, ...watchBases(world.base.id) }), () => linkedIn(world.base));
        await all.poll();
        await based.poll();
        for (const one of steps) {
          if ('slot' in one) world.apply(one.do, one.slot);
          else if (one.do === 'poll') {
            await all.poll();
            await based.poll();
          } else {
            await all.failingPoll(0);
            await based.failingPoll(one.at);
          }
        }
        await all.poll();
        await based.poll();
        expect(byId(all.told)).toEqual(byId(all.expected()));
        expect(byId(based.told)).toEqual(byId(based.expected()));
      }),
      { numRuns: 60 },
    );
  }, 300_000);
});
