import { dirname } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { parentPort, receiveMessageOnPort, workerData, type MessagePort } from 'node:worker_threads';
import { openReader, openWriter } from './connection.ts';
import { createGroupCommit } from './group-commit.ts';
import { readerServices, scannerServices, writerServices } from './services.ts';
import { createSql } from './sql.ts';
import { toWireError } from './wire-error.ts';
import type { Call, ChunkRow, FromWorker, Reply, Rows, Services, ToWorker, WorkerOptions } from './worker-protocol.ts';

/** Most calls that share a transaction: bounds how long the first of them waits for the last. */
const MAX_CALLS_PER_COMMIT = 128;

type Uploads = Map<number, ChunkRow[]>;
type RunCalls = (calls: readonly Call[]) => Reply[];

function start(port: MessagePort, options: WorkerOptions): void {
  const folder = dirname(options.path);
  const uploads: Uploads = new Map();
  let database: DatabaseSync;
  try {
    database = options.role === 'writer' ? openWriter(options.path, options.maxSizeBytes) : openReader(options.path);
  } catch (error) {
    port.postMessage({ kind: 'failed', error: toWireError(error, folder) } satisfies FromWorker);
    port.close();
    return;
  }
  const { services, runCalls } = options.role === 'writer' ? writing(database, folder, uploads) : reading(database, folder, options);
  listen(port, database, runCalls, uploads, options.role === 'writer' ? MAX_CALLS_PER_COMMIT : 1);
  const methods = Object.fromEntries(Object.entries(services).map(([name, service]) => [name, Object.keys(service)]));
  port.postMessage({ kind: 'ready', methods } satisfies FromWorker);
}

function writing(database: DatabaseSync, folder: string, uploads: Uploads): { services: Services; runCalls: RunCalls } {
  const context = { sql: createSql(database), nowMs: 0 };
  const services = writerServices(context, uploads);
  const runCalls = createGroupCommit(database, folder, (call) => {
    context.nowMs = call.nowMs;
    return invoke(services, call);
  });
  return { services, runCalls };
}

/** Every call of a reader is one read transaction: its statements see one state. */
function reading(database: DatabaseSync, folder: string, options: WorkerOptions): { services: Services; runCalls: RunCalls } {
  const sql = createSql(database);
  const services = options.role === 'reader' ? readerServices(sql) : scannerServices(sql, options.vectorCacheBytes);
  const runOne = (call: Call): Reply => {
    try {
      database.exec('BEGIN');
      return { id: call.id, value: invoke(services, call) };
    } catch (error) {
      return { id: call.id, error: toWireError(error, folder) };
    } finally {
      if (database.isTransaction) database.exec('COMMIT');
    }
  };
  return { services, runCalls: (calls) => calls.map(runOne) };
}

function invoke(services: Services, call: Call): unknown {
  const method = services[call.service]?.[call.method] as ((...args: readonly unknown[]) => unknown) | undefined;
  if (method === undefined) throw new Error(`no such call: ${call.service}.${call.method}`);
  return method(...call.args);
}

/** Takes up to `maxCalls` of the calls that have queued up and answers them together. */
function listen(port: MessagePort, database: DatabaseSync, runCalls: RunCalls, uploads: Uploads, maxCalls: number): void {
  port.on('message', (first: ToWorker) => {
    const calls: Call[] = [];
    let isClosing = false;
    let message: ToWorker | undefined = first;
    while (message !== undefined) {
      if (message.kind === 'call') calls.push(message);
      else if (message.kind === 'rows') keepRows(uploads, message);
      else isClosing = true;
      if (isClosing || calls.length >= maxCalls) break;
      message = (receiveMessageOnPort(port) as { message: ToWorker } | undefined)?.message;
    }
    if (calls.length > 0) port.postMessage({ kind: 'replies', replies: runCalls(calls) } satisfies FromWorker);
    if (isClosing) {
      database.close();
      port.close();
    }
  });
}

/** Rows wait here for the call that names them; an empty slice says that it has been answered. */
function keepRows(uploads: Uploads, { uploadId, rows }: Rows): void {
  if (rows.length === 0) {
    uploads.delete(uploadId);
    return;
  }
  const kept = uploads.get(uploadId);
  if (kept === undefined) uploads.set(uploadId, [...rows]);
  else kept.push(...rows);
}

if (parentPort !== null) start(parentPort, workerData as WorkerOptions);
