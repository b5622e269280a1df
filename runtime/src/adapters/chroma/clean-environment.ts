/** What a child needs to find programs, a home, temporary files and the time zone; never keys, proxies or CHROMA_* settings. */
const passedOn = ['PATH', 'HOME', 'TMPDIR', 'TZ', 'LANG', 'SystemRoot', 'TEMP', 'TMP', 'USERPROFILE', 'LD_LIBRARY_PATH'];

/** The environment of Chroma's process: nothing of ours but the bare necessities, and telemetry off. */
export function cleanEnvironment(source: Readonly<Record<string, string | undefined>>): Record<string, string> {
  const environment: Record<string, string> = { ANONYMIZED_TELEMETRY: 'False', DO_NOT_TRACK: '1' };
  for (const name of passedOn) {
    const value = source[name];
    if (value !== undefined) environment[name] = value;
  }
  return environment;
}
