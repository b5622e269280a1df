/** One event of a server-sent stream. */
export type SseEvent = { event: string; data: string };

/**
 * Events from the lines of a server-sent stream. Comments, ids and retry hints are left out; several `data:` lines of one
 * event are joined by a line feed; an event that the end of the stream cuts short is still given. Calls `tooLong` (which
 * throws) when one event's data pass `maxEventChars`.
 */
export async function* sseEvents(lines: AsyncIterable<string>, maxEventChars: number, tooLong: () => never): AsyncGenerator<SseEvent> {
  let event = '';
  let data: string[] = [];
  let chars = 0;
  for await (const line of lines) {
    if (line === '') {
      if (data.length > 0) yield { event, data: data.join('\n') };
      event = '';
      data = [];
      chars = 0;
      continue;
    }
    const colon = line.indexOf(':');
    const field = colon === -1 ? line : line.slice(0, colon);
    const value = colon === -1 ? '' : line.slice(line[colon + 1] === ' ' ? colon + 2 : colon + 1);
    if (field === 'event') event = value;
    if (field === 'data') {
      chars += value.length;
      if (chars > maxEventChars) tooLong();
      data.push(value);
    }
  }
  if (data.length > 0) yield { event, data: data.join('\n') };
}
