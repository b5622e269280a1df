/* A process of its own, so that the model server's work is not done by the one that measures. */
import { startScriptedOpenAi } from '../test/support/scripted-openai.ts';

const server = await startScriptedOpenAi({ answer: () => 'The pump is drained before the seal is changed.' });
process.stdout.write(`${server.url}\n`);
process.once('SIGTERM', () => {
  server.close().then(() => process.exit(0), () => process.exit(1));
});
