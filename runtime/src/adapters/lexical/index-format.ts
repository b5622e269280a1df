import { endianness } from 'node:os';
import type { CollectionState, FileEntry } from './collection-index.ts';
import type { Segment } from './segment.ts';

/**
 * A collection's index file: magic and version, length of the header, the header as JSON, the sections that it lists, then the CRC-32
 * of all that. Numbers are in the machine's byte order, which the magic names: the index is derived data and never moves.
 */
export const INDEX_MAGIC = `LEXI${endianness()}1\n`;

/** Strings are UTF-16 code units, so that any string comes back as it was; `ends` says where each ends. */
type SegmentHeader = { fileIds: string[]; chunkCount: number; termCount: number; postingCount: number; chunkIdUnits: number; deadCount: number };
type FileHeader = [fileId: string, version: number, segment: number, first: number, count: number];
export type IndexHeader = { collection: string; termCount: number; termUnits: number; segments: SegmentHeader[]; files: FileHeader[] };

type Section = Uint32Array<ArrayBuffer> | Uint16Array<ArrayBuffer> | Uint8Array<ArrayBuffer>;

/** The header and the sections of a state, in the order in which they are written. */
export function encodeIndex(collection: string, state: CollectionState): { header: IndexHeader; sections: Section[] } {
  const terms = encodeStrings(state.termNames);
  const sections: Section[] = [terms.ends, terms.units];
  const segments = state.segments.map((segment) => {
    const ids = encodeStrings(segment.chunkIds);
    sections.push(ids.ends, ids.units, segment.lengths, segment.dead, segment.termIds, segment.starts, segment.docs, segment.counts);
    return {
      fileIds: segment.fileIds,
      chunkCount: segment.chunkIds.length,
      termCount: segment.termIds.length,
      postingCount: segment.docs.length,
      chunkIdUnits: ids.units.length,
      deadCount: segment.deadCount,
    };
  });
  const positions = new Map(state.segments.map((segment, position) => [segment, position]));
  const files = Array.from(state.files, ([fileId, entry]): FileHeader => {
    const position = entry.segment === null ? -1 : (positions.get(entry.segment) ?? -1);
    return [fileId, entry.version, position, entry.first, entry.count];
  });
  return { header: { collection, termCount: state.termNames.length, termUnits: terms.units.length, segments, files }, sections };
}

/** The empty sections that a header announces, to be filled from the file, and what makes a state of them. */
export function planSections(header: IndexHeader): { sections: Section[]; toState: () => CollectionState } {
  const terms = { ends: new Uint32Array(header.termCount), units: new Uint16Array(header.termUnits) };
  const sections: Section[] = [terms.ends, terms.units];
  const plans = header.segments.map((segment) => {
    const ids = { ends: new Uint32Array(segment.chunkCount), units: new Uint16Array(segment.chunkIdUnits) };
    const arrays = {
      lengths: new Uint32Array(segment.chunkCount),
      dead: new Uint8Array(segment.chunkCount),
      termIds: new Uint32Array(segment.termCount),
      starts: new Uint32Array(segment.termCount + 1),
      docs: new Uint32Array(segment.postingCount),
      counts: new Uint8Array(segment.postingCount),
    };
    sections.push(ids.ends, ids.units, arrays.lengths, arrays.dead, arrays.termIds, arrays.starts, arrays.docs, arrays.counts);
    return { segment, ids, arrays };
  });
  const toState = (): CollectionState => {
    const segments = plans.map(({ segment, ids, arrays }): Segment => {
      return { fileIds: segment.fileIds, chunkIds: decodeStrings(ids), deadCount: segment.deadCount, ...arrays };
    });
    const files = header.files.map(([fileId, version, position, first, count]): [string, FileEntry] => {
      return [fileId, { version, segment: segments[position] ?? null, first, count }];
    });
    return { ...dropUnusedTerms(decodeStrings(terms), segments), files: new Map(files) };
  };
  return { sections, toState };
}

/** Terms that only removed files had are forgotten here; the order of ids stays, so postings stay sorted. */
function dropUnusedTerms(termNames: readonly string[], segments: Segment[]): { termNames: string[]; segments: Segment[] } {
  const newIds = new Int32Array(termNames.length).fill(-1);
  for (const segment of segments) for (const termId of segment.termIds) newIds[termId] = 0;
  const kept: string[] = [];
  for (const [termId, name] of termNames.entries()) if (newIds[termId] === 0) newIds[termId] = kept.push(name) - 1;
  for (const segment of segments) segment.termIds = segment.termIds.map((termId) => newIds[termId] ?? 0);
  return { termNames: kept, segments };
}

/** Arguments that one call may safely have. */
const UNITS_PER_CALL = 4096;

function encodeStrings(strings: readonly string[]): { ends: Uint32Array<ArrayBuffer>; units: Uint16Array<ArrayBuffer> } {
  const ends = new Uint32Array(strings.length);
  let end = 0;
  for (const [index, string] of strings.entries()) ends[index] = end += string.length;
  const units = new Uint16Array(end);
  let position = 0;
  for (const string of strings) {
    for (let index = 0; index < string.length; index += 1) units[position + index] = string.charCodeAt(index);
    position += string.length;
  }
  return { ends, units };
}

function decodeStrings({ ends, units }: { ends: Uint32Array; units: Uint16Array }): string[] {
  const strings: string[] = [];
  let start = 0;
  for (const end of ends) {
    let string = '';
    for (let from = start; from < end; from += UNITS_PER_CALL) string += String.fromCharCode(...units.subarray(from, Math.min(end, from + UNITS_PER_CALL)));
    strings.push(string);
    start = end;
  }
  return strings;
}
