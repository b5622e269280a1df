import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';

import { collected, end, eventually, freePort, run, runOrThrow } from './processes.ts';
import type { Finished } from './processes.ts';
import { writeJson } from './workflows.ts';
import type { Workflow } from './workflows.ts';

/** Nothing of this lane may reach n8n's own servers. */
const OFFLINE = {
  N8N_DIAGNOSTICS_ENABLED: 'false',
  N8N_VERSION_NOTIFICATIONS_ENABLED: 'false',
  N8N_VERSION_NOTIFICATIONS_WHATS_NEW_ENABLED: 'false',
  N8N_DYNAMIC_BANNERS_ENABLED: 'false',
  N8N_TEMPLATES_ENABLED: 'false',
  N8N_PERSONALIZATION_ENABLED: 'false',
  N8N_HIRING_BANNER_ENABLED: 'false',
  N8N_VERIFIED_PACKAGES_ENABLED: 'false',
  N8N_LICENSE_AUTO_RENEW_ENABLED: 'false',
  N8N_AI_ENABLED: 'false',
};

/** One n8n of its own: its home, its database, its ports. */
export class N8nInstance {
  readonly home: string;
  readonly url: string;
  private readonly program: string;
  private readonly env: NodeJS.ProcessEnv;

  private constructor(program: string, home: string, env: NodeJS.ProcessEnv, url: string) {
    this.program = program;
    this.home = home;
    this.env = env;
    this.url = url;
  }

  /** `home` is an empty folder; it becomes HOME and n8n's user folder. */
  static async prepare(program: string, home: string): Promise<N8nInstance> {
    const port = await freePort();
    const url = `http://127.0.0.1:${port}`;
    const env = {
      PATH: process.env['PATH'],
      LANG: 'C.UTF-8',
      HOME: home,
      // n8n leaves folders among the temporary files.
      TMPDIR: home,
      N8N_USER_FOLDER: home,
      N8N_ENCRYPTION_KEY: randomBytes(24).toString('hex'),
      N8N_PORT: String(port),
      N8N_LISTEN_ADDRESS: '127.0.0.1',
      N8N_RUNNERS_BROKER_PORT: String(await freePort()),
      N8N_EDITOR_BASE_URL: url,
      N8N_SECURE_COOKIE: 'false',
      GENERIC_TIMEZONE: 'UTC',
      NO_PROXY: '127.0.0.1,localhost',
      ...OFFLINE,
    };
    return new N8nInstance(program, home, env, url);
  }

  /** One of n8n's commands, run to its end. */
  command(...args: string[]): Promise<Finished> {
    return run(process.execPath, [this.program, ...args], { env: this.env, timeoutMs: 120_000 });
  }

  private async commandOrThrow(...args: string[]): Promise<Finished> {
    return runOrThrow(process.execPath, [this.program, ...args], { env: this.env, timeoutMs: 120_000 });
  }

  async importCredentials(credentials: readonly Record<string, unknown>[]): Promise<void> {
    const file = await writeJson(join(this.home, 'credentials.json'), credentials);
    await this.commandOrThrow('import:credentials', `--input=${file}`);
  }

  async importWorkflows(workflows: readonly Workflow[]): Promise<void> {
    const file = await writeJson(join(this.home, 'workflows.json'), workflows);
    await this.commandOrThrow('import:workflow', `--input=${file}`);
  }

  /** Takes effect at the next start. */
  async publish(workflowId: string): Promise<void> {
    await this.commandOrThrow('publish:workflow', `--id=${workflowId}`);
  }

  /** Starts the server and waits until its webhooks are registered. */
  async start(): Promise<RunningN8n> {
    const child = spawn(process.execPath, [this.program, 'start'], { env: this.env, stdio: ['ignore', 'pipe', 'pipe'] });
    const stdout = collected(child.stdout);
    const stderr = collected(child.stderr);
    const output = (): string => stdout() + stderr();
    const stop = (): Promise<void> => end(child);
    try {
      await eventually('n8n names the address of its editor', async () => {
        if (child.exitCode !== null) throw new Error(`n8n ended with code ${child.exitCode}:\n${output()}`);
        return stdout().includes('Editor is now accessible') ? true : undefined;
      }, 120_000);
    } catch (error) {
      await stop();
      throw new Error(`n8n did not start:\n${output()}`, { cause: error });
    }
    return { url: this.url, output, stop };
  }
}

export type RunningN8n = {
  url: string;
  /** Everything printed so far. */
  output(): string;
  /** Ends n8n, which ends its task runner. */
  stop(): Promise<void>;
};
