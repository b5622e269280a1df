import { once } from 'node:events';
import { readdir, readFile, readlink } from 'node:fs/promises';
import { connect, createServer } from 'node:net';

/** A port of 127.0.0.1 that is free now; another program may take it before it is used, so check who answers on it. */
export async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no TCP address');
  return address.port;
}

/** Whether something accepts connections on the port. */
export async function isPortOpen(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  return await new Promise((resolve) => {
    socket.once('connect', () => resolve(true));
    socket.once('error', () => resolve(false));
  }).then((isOpen) => {
    socket.destroy();
    return isOpen === true;
  });
}

/** Whether process `pid` is the one that listens on the port; true where the system does not tell (not Linux). */
export async function isListeningProcess(pid: number, port: number): Promise<boolean> {
  if (process.platform !== 'linux') return true;
  try {
    const hexPort = port.toString(16).toUpperCase().padStart(4, '0');
    const rows = (await readFile('/proc/net/tcp', 'utf8')).split('\n').map((row) => row.trim().split(/\s+/));
    // Columns: 1 local address, 3 state (0A is listening), 9 inode of the socket.
    const inodes = rows.filter((row) => row[1]?.endsWith(`:${hexPort}`) && row[3] === '0A').map((row) => `socket:[${row[9]}]`);
    const descriptors = await readdir(`/proc/${pid}/fd`);
    const targets = await Promise.all(descriptors.map((fd) => readlink(`/proc/${pid}/fd/${fd}`).catch(() => '')));
    return inodes.some((inode) => targets.includes(inode));
  } catch {
    return true;
  }
}
