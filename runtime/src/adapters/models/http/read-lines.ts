/**
 * Lines of a UTF-8 body, whatever its chunks cut in two; the last one need not end in a line feed. Invalid bytes become
 * U+FFFD. Calls `tooLong` (which throws) for a line above `maxLineBytes`, so that memory stays bounded.
 */
export async function* readLines(chunks: AsyncIterable<Uint8Array>, maxLineBytes: number, tooLong: () => never): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let pending: string[] = [];
  let pendingChars = 0;
  for await (const chunk of chunks) {
    const pieces = decoder.decode(chunk, { stream: true }).split('\n');
    const rest = pieces.pop() ?? '';
    for (const piece of pieces) {
      if (pendingChars + piece.length > maxLineBytes) tooLong();
      const line = pending.length === 0 ? piece : pending.join('') + piece;
      pending = [];
      pendingChars = 0;
      yield line.endsWith('\r') ? line.slice(0, -1) : line;
    }
    if (rest !== '') {
      pending.push(rest);
      pendingChars += rest.length;
      if (pendingChars > maxLineBytes) tooLong();
    }
  }
  const last = pending.join('') + decoder.decode();
  if (last !== '') yield last;
}
