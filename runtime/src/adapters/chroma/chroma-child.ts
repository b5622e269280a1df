import { once } from 'node:events';
import { createRequire } from 'node:module';
import { Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import { isMainThread, parentPort, Worker } from 'node:worker_threads';

/*
 * The program of the child process: `chroma-child <binding file> <folder> <port>`.
 * It has no relative imports, so that plain Node runs it as .ts as well as compiled.
 *
 * The server blocks this process's event loop, so a thread watches standard input instead: it closes when the parent
 * dies, however it dies, and then the server must end, because nothing else keeps a second one off the same folder.
 */
const graceMs = 3_000;

type Binding = { cli(args: readonly string[]): void };

function isBinding(value: unknown): value is Binding {
  return typeof value === 'object' && value !== null && typeof (value as { cli?: unknown }).cli === 'function';
}

function endWithParent(): void {
  const parent = new Socket({ fd: 0, readable: true, writable: false });
  parent.on('error', () => undefined);
  parent.on('close', () => {
    process.kill(process.pid, 'SIGTERM');
    setTimeout(() => process.kill(process.pid, 'SIGKILL'), graceMs);
  });
  parent.resume();
  parentPort?.postMessage('watching');
}

async function serve(bindingFile: string, dataDir: string, port: string): Promise<void> {
  const watcher = new Worker(fileURLToPath(import.meta.url));
  await once(watcher, 'message');
  const binding: unknown = createRequire(import.meta.url)(bindingFile);
  if (!isBinding(binding)) throw new Error(`${bindingFile} has no cli()`);
  binding.cli(['chroma', 'run', '--path', dataDir, '--port', port, '--host', '127.0.0.1']);
  process.exit(0);
}

if (isMainThread) {
  const [bindingFile, dataDir, port] = process.argv.slice(2);
  if (bindingFile === undefined || dataDir === undefined || port === undefined) throw new Error('usage: chroma-child <binding file> <folder> <port>');
  await serve(bindingFile, dataDir, port);
} else {
  endWithParent();
}
