import { cp, mkdir, mkdtemp, rm, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';

import type * as Core from 'n8n-core';
import type * as N8n from 'n8n-workflow';

import type { BinaryMode, EngineOptions, HostReport, HostVersion } from './engine-types.ts';

/** The part of n8n that runs workflows, loaded into this process together with a place for its files. */
export interface Host {
  core: typeof Core;
  /** The copy of n8n-workflow that this core uses, and the node pack with it. */
  workflow: typeof N8n;
  report(): HostReport;
  /** Folder of the node pack as this host loads it. */
  packageDir: string;
  /** Starts a workflow at one of its nodes. */
  start(execute: Core.WorkflowExecute, workflow: N8n.Workflow, startNode: N8n.INode): ReturnType<Core.WorkflowExecute['run']>;
  /** Removes its files. */
  close(): Promise<void>;
}

const require = createRequire(import.meta.url);
const REPOSITORY = join(import.meta.dirname, '../../..');

type OlderRun = (workflow: N8n.Workflow, startNode: N8n.INode) => ReturnType<Core.WorkflowExecute['run']>;

/** n8n-core reads its settings from the environment when it is loaded, once for a process. */
function setEnvironment(binaryMode: BinaryMode, userFolder: string): void {
  process.env['N8N_USER_FOLDER'] = userFolder;
  process.env['N8N_DEFAULT_BINARY_DATA_MODE'] = binaryMode === 'memory' ? 'default' : 'filesystem';
  process.env['N8N_BINARY_DATA_STORAGE_PATH'] = join(userFolder, 'binary');
  process.env['N8N_LOG_LEVEL'] ??= 'silent';
  process.env['N8N_DIAGNOSTICS_ENABLED'] = 'false';
}

/** Folder of an installed package, as seen by `from`. */
function packageFolder(from: NodeJS.Require, name: string): string {
  const entry = from.resolve(name);
  return entry.slice(0, entry.lastIndexOf(join('node_modules', name)) + join('node_modules', name).length);
}

function versionIn(folder: string): string {
  return (require(join(folder, 'package.json')) as { version: string }).version;
}

/** A copy of the built pack that finds the n8n-workflow of the older host and not the one beside it. A link would be followed back. */
async function stagedPackage(packageDir: string, workflowDir: string, folder: string): Promise<string> {
  await mkdir(join(folder, 'node_modules'), { recursive: true });
  await cp(join(packageDir, 'package.json'), join(folder, 'package.json'));
  await cp(join(packageDir, 'dist'), join(folder, 'dist'), { recursive: true });
  await symlink(workflowDir, join(folder, 'node_modules', 'n8n-workflow'), 'dir');
  return folder;
}

/** Loads n8n-core in the wanted version (environment N8N_CORE, `2.0` or `current`) with the wanted storage of files (N8N_BINARY_MODE). */
export async function openHost(options: EngineOptions): Promise<Host> {
  const wanted: HostVersion = options.host ?? (process.env['N8N_CORE'] as HostVersion | undefined) ?? 'current';
  const binaryMode = options.binaryMode ?? (process.env['N8N_BINARY_MODE'] as BinaryMode | undefined) ?? 'filesystem';
  const userFolder = await mkdtemp(join(tmpdir(), 'n8n-engine-'));
  setEnvironment(binaryMode, userFolder);
  const manifest = require.resolve(`${wanted === '2.0' ? 'n8n-core-2.0' : 'n8n-core'}/package.json`);
  // Seen from n8n-core, so that each version gets the copies that belong to it.
  const hostRequire = createRequire(manifest);
  hostRequire('reflect-metadata');
  const core = hostRequire(dirname(manifest)) as typeof Core;
  if (binaryMode === 'filesystem') {
    const { Container } = hostRequire('@n8n/di') as { Container: { get<T>(type: unknown): T } };
    await Container.get<Core.BinaryDataService>(core.BinaryDataService).init();
  }
  const workflow = hostRequire('n8n-workflow') as typeof N8n;
  const built = resolve(options.packageDir ?? REPOSITORY);
  const packageDir = wanted === '2.0' ? await stagedPackage(built, packageFolder(hostRequire, 'n8n-workflow'), join(userFolder, 'package')) : built;
  return {
    core,
    workflow,
    packageDir,
    report: () => ({
      coreVersion: versionIn(dirname(manifest)),
      workflowVersion: versionIn(packageFolder(hostRequire, 'n8n-workflow')),
      nodesShareWorkflow: createRequire(join(packageDir, 'package.json'))('n8n-workflow') === workflow,
    }),
    start: (execute, workflow, startNode) =>
      wanted === '2.0' ? (execute.run as unknown as OlderRun).call(execute, workflow, startNode) : execute.run({ workflow, startNode }),
    close: async () => await rm(userFolder, { recursive: true, force: true }),
  };
}
