import { startScriptedOpenAi } from './scripted-openai.ts';
import type { ScriptedServer } from './scripted-server.ts';

/** A quick chat model that says what it was given. */
export const ECHO_MODEL = 'gpt-echo';

/** Open WebUI asks a model for search words first; that is not the question that is echoed. */
function echo(prompt: string): string {
  return prompt.includes('"queries"') ? '{"queries": ["warranty of the Aurora kettle"]}' : `You said: ${prompt}`;
}

/** A remote model server that has the echo model alone. `url` includes /v1. */
export async function startEchoModel(): Promise<ScriptedServer> {
  return await startScriptedOpenAi({ models: [ECHO_MODEL], answer: echo });
}
