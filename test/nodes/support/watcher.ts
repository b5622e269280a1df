import type { Engine, Json, PollRequest, PollResult } from './engine-types.ts';
import { locator, ourNode } from './workflows.ts';

/** All events of the Knowledge Trigger. */
export const ALL_EVENTS = ['searchable', 'failed', 'removed'];

/** The parameters that watch knowledge bases, by ID. */
export function watchBases(...ids: string[]): Json {
  return { watch: 'knowledge', knowledgeBases: { values: ids.map((id) => ({ knowledge: locator('id', id) })) } };
}

/** An active workflow with a Knowledge Trigger: it keeps its static data from poll to poll, as n8n does. */
export class Watcher {
  /** May be changed between polls, as a user changes the form. */
  parameters: Json;
  state: Json = {};
  private readonly engine: Engine;

  constructor(engine: Engine, parameters: Json = {}) {
    this.engine = engine;
    this.parameters = parameters;
  }

  /** The next poll, however it ends. */
  async poll(more: Partial<PollRequest> = {}): Promise<PollResult> {
    const node = ourNode('KnowledgeTrigger', this.parameters);
    const result = await this.engine.poll({ node, state: this.state, ...more });
    this.state = result.state;
    return result;
  }

  /** The items of the next poll; throws its error. */
  async items(more: Partial<PollRequest> = {}): Promise<Json[]> {
    const { items, error } = await this.poll(more);
    if (error) throw Object.assign(new Error(error.message), error);
    return items.map(({ json }) => json);
  }

  /** The events of the next poll, such as "searchable a.txt". */
  async events(more: Partial<PollRequest> = {}): Promise<string[]> {
    return (await this.items(more)).map(({ event, filename }) => `${String(event)} ${String(filename)}`);
  }
}
