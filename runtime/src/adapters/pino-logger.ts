import { pino, stdSerializers, type DestinationStream } from 'pino';
import type { Logger } from '../ports/logger.ts';

/** Field names whose values never reach the log, at the top level and one or two levels down. */
const SECRET_FIELDS = ['authorization', 'cookie', 'x-api-key', 'password', 'token', 'apiKey', 'api_key', 'secret', 'set-cookie'];

/** JSON lines on standard output, secrets replaced by `[redacted]`. */
export function createPinoLogger(level: string, destination?: DestinationStream): Logger {
  const options = {
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
    serializers: { err: stdSerializers.errWithCause },
    redact: { paths: SECRET_FIELDS.flatMap((name) => [`["${name}"]`, `*["${name}"]`, `*.*["${name}"]`]), censor: '[redacted]' },
  };
  const logger = destination === undefined ? pino(options) : pino(options, destination);
  return {
    debug: (fields, message) => logger.debug(fields, message),
    info: (fields, message) => logger.info(fields, message),
    warn: (fields, message) => logger.warn(fields, message),
    error: (fields, message) => logger.error(fields, message),
  };
}
