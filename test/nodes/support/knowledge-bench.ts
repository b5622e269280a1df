import { openBench } from './bench.ts';
import type { Engine, Json, RunOptions, RunResult } from './engine-types.ts';
import type { ScriptedOpenWebUi } from './scripted-open-webui.ts';
import { chain, ourNode } from './workflows.ts';

/** Add to Knowledge in n8n's engine, against the scripted Open WebUI. */
export interface KnowledgeBench {
  server: ScriptedOpenWebUi;
  /** Ready within tests only. */
  readonly engine: Engine;
  /** Runs the node with an item for each file ID, or for each whole json. */
  run(files: unknown[], parameters: Json, more?: Json, options?: RunOptions): Promise<RunResult>;
}

/** Opens a bench for the tests of one file. */
export function openKnowledgeBench(): KnowledgeBench {
  const bench = openBench();
  return {
    server: bench.server,
    get engine() {
      return bench.engine;
    },
    run: async (files, parameters, more = {}, options = {}) => {
      const inputItems = files.map((file) => ({ json: typeof file === 'object' && file !== null ? (file as Json) : { id: file } }));
      return await bench.engine.run(chain(ourNode('AddToKnowledge', parameters, more)), { inputItems, ...options });
    },
  };
}

/** What the node gave out. */
export const outputs = (result: RunResult): Json[] => (result.nodes['AddToKnowledge']?.items ?? []).map(({ json }) => json);

export const actions = (result: RunResult): unknown[] => outputs(result).map(({ action }) => action);

/** The items that the outputs stem from. */
export const pairs = (result: RunResult): unknown[] => (result.nodes['AddToKnowledge']?.items ?? []).map(({ pairedItem }) => pairedItem);
