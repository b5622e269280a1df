import { spawnEngine } from './engine-client.ts';
import type { Engine, Json, RunOptions, RunResult } from './engine-types.ts';
import { ScriptedOpenWebUi } from './scripted-open-webui.ts';
import { chain, ourNode } from './workflows.ts';

/** Add to Knowledge in n8n's engine, against the scripted Open WebUI. */
export class KnowledgeBench {
  readonly server = new ScriptedOpenWebUi();
  private engine: Engine | undefined;

  async open(): Promise<void> {
    await this.server.start();
    this.engine = await spawnEngine({ baseUrl: this.server.baseUrl, apiKey: this.server.apiKey });
  }

  async close(): Promise<void> {
    await this.engine?.close();
    await this.server.stop();
  }

  /** Runs the node with an item for each file ID, or for each whole json. */
  async run(files: unknown[], parameters: Json, more: Json = {}, options: RunOptions = {}): Promise<RunResult> {
    const inputItems = files.map((file) => ({ json: typeof file === 'object' && file !== null ? (file as Json) : { id: file } }));
    if (!this.engine) throw new Error('The bench is not open');
    return await this.engine.run(chain(ourNode('AddToKnowledge', parameters, more)), { inputItems, ...options });
  }
}

/** What the node gave out. */
export const outputs = (result: RunResult): Json[] => (result.nodes['AddToKnowledge']?.items ?? []).map(({ json }) => json);

export const actions = (result: RunResult): unknown[] => outputs(result).map(({ action }) => action);

/** The items that the outputs stem from. */
export const pairs = (result: RunResult): unknown[] => (result.nodes['AddToKnowledge']?.items ?? []).map(({ pairedItem }) => pairedItem);
