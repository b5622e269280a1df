/** Longest display name in UTF-16 units; file systems stop at 255 bytes, but the name is data here, never a path. */
const MAX_LENGTH = 300;

/**
 * The display name of an upload: the last path segment of what the client sent, without control and bidirectional characters.
 * Never used as a path. Empty when nothing is left.
 */
export function cleanFileName(name: string): string {
  const base = name.split(/[\\/]/u).at(-1) ?? '';
  const cleaned = base.replace(/[\p{Cc}\u{202A}-\u{202E}\u{2066}-\u{2069}\u{200E}\u{200F}]/gu, '').trim();
  return cleaned === '.' || cleaned === '..' ? '' : cleaned.slice(0, MAX_LENGTH).toWellFormed();
}

/** Lower-cased ending without the dot; empty when there is none. */
export function fileExtension(name: string): string {
  const dot = name.lastIndexOf('.');
  return dot <= 0 ? '' : name.slice(dot + 1).toLowerCase();
}
