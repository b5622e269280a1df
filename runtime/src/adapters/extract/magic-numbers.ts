type Magic = { offset: number; bytes: string; name: string };

/** First bytes of formats that hold no text we read, as Latin-1; from the formats' specifications. */
const MAGIC: readonly Magic[] = [
  { offset: 0, bytes: '\x89PNG\r\n\x1a\n', name: 'PNG image' },
  { offset: 0, bytes: '\xff\xd8\xff', name: 'JPEG image' },
  { offset: 0, bytes: 'GIF87a', name: 'GIF image' },
  { offset: 0, bytes: 'GIF89a', name: 'GIF image' },
  { offset: 8, bytes: 'WEBP', name: 'WebP image' },
  { offset: 0, bytes: 'II*\0', name: 'TIFF image' },
  { offset: 0, bytes: 'MM\0*', name: 'TIFF image' },
  { offset: 4, bytes: 'ftypheic', name: 'HEIC image' },
  { offset: 4, bytes: 'ftypavif', name: 'AVIF image' },
  { offset: 4, bytes: 'ftyp', name: 'MP4 video' },
  { offset: 0, bytes: '\x1aE\xdf\xa3', name: 'Matroska or WebM video' },
  { offset: 8, bytes: 'AVI ', name: 'AVI video' },
  { offset: 8, bytes: 'WAVE', name: 'WAV audio' },
  { offset: 0, bytes: 'ID3', name: 'MP3 audio' },
  { offset: 0, bytes: '\xff\xfb', name: 'MP3 audio' },
  { offset: 0, bytes: 'OggS', name: 'Ogg audio' },
  { offset: 0, bytes: 'fLaC', name: 'FLAC audio' },
  { offset: 0, bytes: '\x1f\x8b', name: 'gzip archive' },
  { offset: 0, bytes: '7z\xbc\xaf\x27\x1c', name: '7-Zip archive' },
  { offset: 0, bytes: 'Rar!\x1a\x07', name: 'RAR archive' },
  { offset: 0, bytes: 'BZh', name: 'bzip2 archive' },
  { offset: 0, bytes: '\xfd7zXZ\0', name: 'xz archive' },
  { offset: 0, bytes: '\x28\xb5\x2f\xfd', name: 'Zstandard archive' },
  { offset: 257, bytes: 'ustar', name: 'tar archive' },
  { offset: 0, bytes: '\x7fELF', name: 'program' },
  { offset: 0, bytes: 'MZ\x90', name: 'Windows program' },
  { offset: 0, bytes: '\0asm', name: 'WebAssembly program' },
  { offset: 0, bytes: '\xca\xfe\xba\xbe', name: 'program' },
  { offset: 0, bytes: 'SQLite format 3\0', name: 'SQLite database' },
  { offset: 0, bytes: 'wOFF', name: 'font' },
  { offset: 0, bytes: 'wOF2', name: 'font' },
  { offset: 0, bytes: 'OTTO', name: 'font' },
  { offset: 0, bytes: '\0\x01\0\0\0', name: 'font' },
  { offset: 0, bytes: '\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1', name: 'older Microsoft Office file (.doc, .xls, .ppt, .msg)' },
  { offset: 0, bytes: '{\\rtf', name: 'RTF document' },
  { offset: 0, bytes: '%!PS', name: 'PostScript document' },
];

/** Name of the binary format that the first bytes announce, or null. */
export function binaryFormatName(head: Buffer): string | null {
  const latin1 = head.subarray(0, 300).toString('latin1');
  return MAGIC.find(({ offset, bytes }) => latin1.startsWith(bytes, offset))?.name ?? null;
}
