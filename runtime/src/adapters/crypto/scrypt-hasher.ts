import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import type { PasswordHasher } from '../../ports/password-hasher.ts';

const derive = promisify<string, Buffer, number, { N: number; r: number; p: number; maxmem: number }, Buffer>(scrypt);

/** OWASP's minimum for scrypt (Password Storage Cheat Sheet): N = 2^17, r = 8, p = 1, which takes 128 MiB. */
const COST = { N: 2 ** 17, r: 8, p: 1, maxmem: 256 * 1024 * 1024 };
const KEY_BYTES = 32;

/** Hashes one password at a time: each takes 128 MiB, and parallel sign-ins must not add up. */
export function createScryptHasher(): PasswordHasher {
  let queue: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const result = queue.then(work, work);
    queue = result.catch(() => undefined);
    return result;
  };
  const dummyHash = format(randomBytes(16), randomBytes(KEY_BYTES));
  return {
    hash: (password) =>
      inTurn(async () => {
        const salt = randomBytes(16);
        return format(salt, await derive(password, salt, KEY_BYTES, COST));
      }),
    verify: (password, hash) =>
      inTurn(async () => {
        const [, , , salt, expected] = (hash ?? dummyHash).split('$');
        if (salt === undefined || expected === undefined) return false;
        const actual = await derive(password, Buffer.from(salt, 'base64'), KEY_BYTES, COST);
        const isEqual = timingSafeEqual(actual, Buffer.from(expected, 'base64'));
        return isEqual && hash !== null;
      }),
  };
}

function format(salt: Buffer, key: Buffer): string {
  return `$scrypt$n=${COST.N},r=${COST.r},p=${COST.p}$${salt.toString('base64')}$${key.toString('base64')}`;
}
