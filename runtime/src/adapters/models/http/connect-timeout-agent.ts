import http from 'node:http';
import https from 'node:https';
import type { Duplex } from 'node:stream';

/** Idle connections are closed before common servers do it (uvicorn after 5 s), so that no request meets a closing one. */
const KEEP_ALIVE_MS = 4_000;

function limitConnecting(socket: Duplex | null | undefined, connected: 'connect' | 'secureConnect', timeoutMs: number): void {
  if (socket === null || socket === undefined) return;
  const timer = setTimeout(() => {
    socket.destroy(Object.assign(new Error('connecting took too long'), { code: 'ETIMEDOUT' }));
  }, timeoutMs);
  const stop = (): void => clearTimeout(timer);
  socket.once(connected, stop);
  socket.once('close', stop);
}

class LimitedHttpAgent extends http.Agent {
  readonly #timeoutMs: number;

  constructor(timeoutMs: number) {
    super({ keepAlive: true, timeout: KEEP_ALIVE_MS });
    this.#timeoutMs = timeoutMs;
  }

  override createConnection(...args: Parameters<http.Agent['createConnection']>): ReturnType<http.Agent['createConnection']> {
    const socket = super.createConnection(...args);
    limitConnecting(socket, 'connect', this.#timeoutMs);
    return socket;
  }
}

class LimitedHttpsAgent extends https.Agent {
  readonly #timeoutMs: number;

  constructor(timeoutMs: number) {
    super({ keepAlive: true, timeout: KEEP_ALIVE_MS });
    this.#timeoutMs = timeoutMs;
  }

  override createConnection(...args: Parameters<https.Agent['createConnection']>): ReturnType<https.Agent['createConnection']> {
    const socket = super.createConnection(...args);
    limitConnecting(socket, 'secureConnect', this.#timeoutMs);
    return socket;
  }
}

/** Keep-alive agents whose connections fail with ETIMEDOUT when they are not up in `timeoutMs`. */
export function connectTimeoutAgents(timeoutMs: number): { httpAgent: http.Agent; httpsAgent: https.Agent } {
  return { httpAgent: new LimitedHttpAgent(timeoutMs), httpsAgent: new LimitedHttpsAgent(timeoutMs) };
}
