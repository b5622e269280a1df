import type { FileRecord } from '../domain/file.ts';

/** Types and names that a browser would run or render as a page of this server. */
const ACTIVE_TYPE = /(html|[/+]xml|script|css|x-shockwave-flash)$/;
const ACTIVE_NAME = /\.(x?html?|xht|svgz?|xml|xslt?|m?js|css|mhtml?|swf)$/i;
const PLAIN_TYPE = /^[\w.+-]{1,100}\/[\w.+-]{1,100}$/;

/**
 * Headers for a stored file's bytes. Plain text and PDF are shown, all else is a download, and nothing that a browser
 * could run keeps its type: the bytes come from anybody and would act in the reader's session.
 */
export function contentHeaders(file: FileRecord, isAttachment: boolean): Record<string, string> {
  const declared = (file.contentType ?? '').split(';')[0]?.trim().toLowerCase() ?? '';
  const isActive = ACTIVE_TYPE.test(declared) || ACTIVE_NAME.test(file.filename);
  const isSafeType = PLAIN_TYPE.test(declared) && !isActive;
  const disposition = isAttachment || isActive ? 'attachment' : dispositionOf(declared);
  return {
    'content-type': isSafeType ? withCharset(declared) : 'application/octet-stream',
    ...(disposition === null ? {} : { 'content-disposition': `${disposition}; filename*=UTF-8''${encodeName(file.filename)}` }),
    'x-content-type-options': 'nosniff',
    'content-security-policy': "sandbox; default-src 'none'",
    'accept-ranges': 'bytes',
    etag: `"${file.fileHash}"`,
    'last-modified': new Date(file.createdAtMs).toUTCString(),
    'cache-control': 'private, no-cache',
  };
}

function dispositionOf(type: string): 'attachment' | 'inline' | null {
  if (type === 'text/plain') return null;
  return type === 'application/pdf' ? 'inline' : 'attachment';
}

function withCharset(type: string): string {
  return type.startsWith('text/') ? `${type}; charset=utf-8` : type;
}

function encodeName(name: string): string {
  const wellFormed = name.toWellFormed();
  return encodeURIComponent(wellFormed).replace(/['()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);
}
