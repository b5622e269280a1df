import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { startRuntime } from '../support/runtime.ts';
import type { RunningRuntime } from '../support/runtime.ts';
import { startScriptedOpenAi } from '../support/scripted-openai.ts';
import type { ScriptedServer } from '../support/scripted-server.ts';
import { callsFirstTool } from '../support/scripted-tool-calls.ts';
import { EXAMPLES } from './examples.ts';
import type { LaneExample } from './examples.ts';
import { N8nInstance } from './instance.ts';
import { installNodePack } from './pack.ts';
import { credentialFor, exampleWorkflow, fillInbox, openAiCredentialFor, TOOL_MODEL } from './workflows.ts';
import type { Workflow } from './workflows.ts';

/** A real n8n with the node pack, in front of the real runtime. */
export type Lane = {
  n8n: N8nInstance;
  runtime: RunningRuntime;
  /** A model server behind the runtime, for an agent: its model calls the first tool, then quotes the tool's answer. */
  models: ScriptedServer;
  /** A folder under n8n's default file folder, with the example documents. */
  inbox: string;
  /** The examples as n8n has them, in the order in which they run. */
  examples: readonly { example: LaneExample; workflow: Workflow }[];
  /** Removed with the lane. */
  workFolder: string;
  /** Ends the runtime and removes every folder. */
  close(): Promise<void>;
};

/** Prepares everything up to the imported examples; n8n itself is not started. */
export async function openLane(program: string): Promise<Lane> {
  const home = await mkdtemp(join(tmpdir(), 'n8n-home-'));
  const workFolder = await mkdtemp(join(tmpdir(), 'n8n-work-'));
  const models = await startScriptedOpenAi({ models: [TOOL_MODEL], override: callsFirstTool });
  let runtime: RunningRuntime | undefined;
  const close = async (): Promise<void> => {
    await runtime?.stop();
    await models.close();
    for (const folder of [home, workFolder]) await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  };
  try {
    await installNodePack(home, workFolder);
    // The offline models stay in the list beside the scripted one.
    runtime = await startRuntime({ env: { OPENAI_API_BASE_URLS: models.url, ENABLE_BUILTIN_MODELS: 'true' } });
    const inbox = join(home, '.n8n-files', 'inbox');
    await fillInbox(inbox);
    const examples = await Promise.all(EXAMPLES.map((example) => prepared(example, inbox)));
    const n8n = await N8nInstance.prepare(program, home);
    const { baseUrl, apiKey } = runtime;
    await n8n.importCredentials([credentialFor(baseUrl, apiKey), openAiCredentialFor(baseUrl, apiKey)]);
    await n8n.importWorkflows(examples.map(({ workflow }) => workflow));
    return { n8n, runtime, models, inbox, examples, workFolder, close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function prepared(example: LaneExample, inbox: string): Promise<Lane['examples'][number]> {
  const workflow = await exampleWorkflow(example.fileName);
  example.prepare?.(workflow, inbox);
  return { example, workflow };
}
