/** A file in a multipart body. */
export interface MultipartFile {
  name: string;
  filename: string;
  type: string | null;
  bytes: Buffer;
}

interface Part {
  head: string;
  bytes: Buffer;
}

function partsOf(body: Buffer, contentType: string): Part[] {
  const boundary = /boundary="?([^";]+)"?/.exec(contentType)?.[1];
  if (boundary === undefined) throw new Error('Missing boundary in multipart.');
  const mark = Buffer.from(`--${boundary}`);
  const parts: Part[] = [];
  let start = body.indexOf(mark);
  for (;;) {
    const end = body.indexOf(mark, start + mark.length);
    if (start < 0 || end < 0) return parts;
    const part = body.subarray(start + mark.length + 2, end - 2);
    const split = part.indexOf('\r\n\r\n');
    parts.push({ head: part.subarray(0, split).toString('utf8'), bytes: part.subarray(split + 4) });
    start = end;
  }
}

const field = (head: string, key: string): string | undefined => new RegExp(`[; ]${key}="([^"]*)"`).exec(head)?.[1];

/** The files of a multipart body. */
export function filesOf(body: Buffer, contentType: string): MultipartFile[] {
  return partsOf(body, contentType).flatMap(({ head, bytes }) => {
    const filename = field(head, 'filename');
    if (filename === undefined) return [];
    return [{ name: field(head, 'name') ?? '', filename, type: /content-type: *(.+)/i.exec(head)?.[1]?.trim() ?? null, bytes }];
  });
}

/** The text field `name` of a multipart body. */
export function textPart(body: Buffer, contentType: string, name: string): string | undefined {
  return partsOf(body, contentType).find(({ head }) => field(head, 'name') === name)?.bytes.toString('utf8');
}
