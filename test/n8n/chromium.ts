import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';

import { end, eventually } from './processes.ts';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--disable-dev-shm-usage',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--hide-scrollbars',
  '--lang=en-US',
  '--remote-debugging-port=0',
];

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** The program of Chromium or Chrome: CHROME_BIN, or the first on the PATH; undefined when there is none. */
export function findChromium(): string | undefined {
  const named = process.env['CHROME_BIN'];
  if (named !== undefined && named !== '') return named;
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  return folders.flatMap((folder) => NAMES.map((name) => join(folder, name))).find(isExecutable);
}

type Message = { id?: number; method?: string; result?: unknown; error?: { message: string } };

/** A page of a headless Chromium, driven over the DevTools protocol. */
export class ChromiumPage {
  private nextId = 1;
  private readonly waiting = new Map<number, { resolve(result: unknown): void; reject(error: Error): void }>();
  private readonly child: ChildProcess;
  private readonly socket: WebSocket;

  private constructor(child: ChildProcess, socket: WebSocket) {
    this.child = child;
    this.socket = socket;
    socket.addEventListener('message', ({ data }) => this.receive(JSON.parse(String(data)) as Message));
    socket.addEventListener('close', () => {
      for (const { reject } of this.waiting.values()) reject(new Error('Chromium closed the connection'));
      this.waiting.clear();
    });
  }

  /** Starts Chromium with `profile`, a folder that does not exist yet, and opens a page of that size. */
  static async open(program: string, profile: string, size: { width: number; height: number }): Promise<ChromiumPage> {
    const flags = [...FLAGS, `--user-data-dir=${profile}`, `--window-size=${size.width},${size.height}`];
    // Chromium leaves a folder of its own among the temporary files.
    const env = { ...process.env, TMPDIR: dirname(profile) };
    const child = spawn(program, [...flags, 'about:blank'], { stdio: 'ignore', env });
    try {
      const port = await eventually('Chromium names its port', () => debuggingPort(child, profile));
      const targets = (await (await fetch(`http://127.0.0.1:${port}/json/list`)).json()) as { type: string; webSocketDebuggerUrl: string }[];
      const target = targets.find(({ type }) => type === 'page');
      if (target === undefined) throw new Error('Chromium has no page');
      const socket = new WebSocket(target.webSocketDebuggerUrl);
      await new Promise((resolve, reject) => {
        socket.addEventListener('open', resolve, { once: true });
        socket.addEventListener('error', () => reject(new Error('Chromium does not accept the connection')), { once: true });
      });
      const page = new ChromiumPage(child, socket);
      await page.resize(size);
      return page;
    } catch (error) {
      await end(child);
      throw error;
    }
  }

  private receive(message: Message): void {
    if (message.id === undefined) return;
    const asked = this.waiting.get(message.id);
    this.waiting.delete(message.id);
    if (message.error === undefined) asked?.resolve(message.result);
    else asked?.reject(new Error(message.error.message));
  }

  private send<T>(method: string, params: Record<string, unknown> = {}): Promise<T> {
    const id = this.nextId++;
    const answer = new Promise((resolve, reject) => this.waiting.set(id, { resolve, reject }));
    this.socket.send(JSON.stringify({ id, method, params }));
    return answer as Promise<T>;
  }

  /** Gives the page another size, in pixels. */
  async resize(size: { width: number; height: number }): Promise<void> {
    await this.send('Emulation.setDeviceMetricsOverride', { ...size, deviceScaleFactor: 1, mobile: false });
  }

  async setCookie(url: string, cookie: string): Promise<void> {
    const at = cookie.indexOf('=');
    await this.send('Network.setCookie', { url, name: cookie.slice(0, at), value: cookie.slice(at + 1) });
  }

  async goTo(url: string): Promise<void> {
    await this.send('Page.navigate', { url });
  }

  /** The value of a JavaScript expression in the page. */
  async evaluate<T>(expression: string): Promise<T> {
    type Answer = { result: { value: T }; exceptionDetails?: { text: string; exception?: { description?: string } } };
    const answer = await this.send<Answer>('Runtime.evaluate', { expression, returnByValue: true, awaitPromise: true });
    const failure = answer.exceptionDetails;
    if (failure !== undefined) throw new Error(failure.exception?.description ?? failure.text);
    return answer.result.value;
  }

  /** Waits until the expression is true in the page. */
  async until(wish: string, expression: string): Promise<void> {
    await eventually(wish, async () => ((await this.evaluate<boolean>(`Boolean(${expression})`)) ? true : undefined));
  }

  /** Clicks `count` times in the middle of the first element that the CSS selector finds. */
  async click(selector: string, count = 1): Promise<void> {
    const middle = `(() => { const box = document.querySelector(${JSON.stringify(selector)}).getBoundingClientRect();
      return { x: box.x + box.width / 2, y: box.y + box.height / 2 }; })()`;
    const point = await this.evaluate<{ x: number; y: number }>(middle);
    for (let clickCount = 1; clickCount <= count; clickCount += 1) {
      for (const type of ['mousePressed', 'mouseReleased']) {
        await this.send('Input.dispatchMouseEvent', { type, ...point, button: 'left', clickCount });
      }
    }
  }

  /** Moves the pointer, so that nothing is shown as hovered. */
  async pointAt(x: number, y: number): Promise<void> {
    await this.send('Input.dispatchMouseEvent', { type: 'mouseMoved', x, y });
  }

  /** Presses and releases a key by its DOM name, such as `Escape`. */
  async press(key: string): Promise<void> {
    for (const type of ['keyDown', 'keyUp']) await this.send('Input.dispatchKeyEvent', { type, key, code: key });
  }

  /** Writes into the field that has the focus. */
  async write(text: string): Promise<void> {
    await this.send('Input.insertText', { text });
  }

  /** The visible part as a PNG. */
  async screenshot(): Promise<Buffer> {
    const { data } = await this.send<{ data: string }>('Page.captureScreenshot', { format: 'png' });
    return Buffer.from(data, 'base64');
  }

  async close(): Promise<void> {
    this.socket.close();
    await end(this.child);
  }
}

async function debuggingPort(child: ChildProcess, profile: string): Promise<string | undefined> {
  if (child.exitCode !== null) throw new Error(`Chromium ended with code ${child.exitCode}`);
  const text = await readFile(join(profile, 'DevToolsActivePort'), 'utf8').catch(() => '');
  return text.includes('\n') ? text.split('\n')[0] : undefined;
}
