import { createPinoLogger } from './adapters/pino-logger.ts';
import { parseConfig, type Config } from './config.ts';
import { isAppError } from './domain/errors.ts';
import { helpText } from './help-text.ts';
import { startService, type Service } from './service.ts';
import type { FirstAdmin } from './usecases/first-start.ts';

/** Longest graceful stop; then the process ends as it is (everything acknowledged is durable already). */
const STOP_DEADLINE_MS = 35_000;

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** What a person needs at the first start; the key and the password are shown only this once. */
function welcome(service: Service, admin: FirstAdmin | null): string {
  if (admin === null) return `openwebui-rag-runtime listens on ${service.url}`;
  return [
    '',
    `  openwebui-rag-runtime listens on ${service.url}`,
    '',
    `  Admin      ${admin.email}`,
    ...(admin.password === null ? [] : [`  Password   ${admin.password}`]),
    `  API key    ${admin.apiKey}`,
    '',
    '  These are shown only now. In n8n: Credentials > Create > "Open WebUI API",',
    `  Base URL ${service.url} and the API key above. From n8n in Docker use`,
    `  ${service.url.replace(/127\.0\.0\.1|localhost/u, 'host.docker.internal')} and start the runtime with HOST=0.0.0.0.`,
    '',
  ].join('\n');
}

function readConfig(): Config {
  try {
    return parseConfig(process.env);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(2);
  }
}

async function main(): Promise<void> {
  const argument = process.argv[2];
  if (argument === '--help' || argument === '-h') return print(helpText());
  if (argument !== undefined) {
    process.stderr.write(`Unknown argument ${argument}. Settings come from the environment; see --help.\n`);
    process.exit(2);
  }
  const config = readConfig();
  const logger = createPinoLogger(config.LOG_LEVEL);
  const starting = startService(config, logger);
  let isStopping = false;
  const stop = (exitCode: number) => (): void => {
    if (isStopping) process.exit(1);
    isStopping = true;
    setTimeout(() => process.exit(1), STOP_DEADLINE_MS).unref();
    starting.then((service) => service.stop()).then(() => process.exit(exitCode), () => process.exit(1));
  };
  // Before anything is awaited: a signal that comes during the start must stop the server as any other.
  process.on('SIGTERM', stop(0));
  process.on('SIGINT', stop(0));
  process.on('uncaughtException', (error) => {
    logger.error({ err: error }, 'An unexpected fault; the server stops');
    stop(1)();
  });
  try {
    const service = await starting;
    const admin = await service.firstAdmin;
    if (!isStopping) print(welcome(service, admin));
  } catch (error) {
    if (isStopping) return;
    process.stderr.write(`openwebui-rag-runtime cannot start: ${error instanceof Error ? error.message : String(error)}\n`);
    if (!isAppError(error)) logger.error({ err: error }, 'Start failed');
    stop(1)();
  }
}

await main();
