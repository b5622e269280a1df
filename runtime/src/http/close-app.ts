import type { FastifyInstance } from 'fastify';

/** Between two looks for connections that have become idle. */
const IDLE_LOOK_MS = 50;

/**
 * Takes no more requests, answers those in flight, then closes. The close itself looks for idle connections once only; one that a
 * client keeps open after the end of a stream would be waited for until its keep-alive is over.
 */
export async function closeApp(app: FastifyInstance): Promise<void> {
  const timer = setInterval(() => app.server.closeIdleConnections(), IDLE_LOOK_MS);
  try {
    await app.close();
  } finally {
    clearInterval(timer);
  }
}
