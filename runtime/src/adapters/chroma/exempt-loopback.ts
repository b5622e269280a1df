const proxyVariables = ['http_proxy', 'HTTP_PROXY', 'all_proxy', 'ALL_PROXY'];

/**
 * Adds 127.0.0.1 to NO_PROXY where a proxy is set: Chroma's client uses fetch, which a process may send through that proxy
 * (NODE_USE_ENV_PROXY=1) and which takes no other instruction. It reads the variable at each request. The lower-case name wins.
 */
export function exemptLoopback(environment: Record<string, string | undefined>): void {
  if (proxyVariables.every((name) => (environment[name] ?? '') === '')) return;
  const name = environment['no_proxy'] === undefined ? 'NO_PROXY' : 'no_proxy';
  const hosts = (environment[name] ?? '').split(/[\s,]+/).filter((host) => host !== '');
  if (hosts.includes('*') || hosts.includes('127.0.0.1')) return;
  environment[name] = [...hosts, '127.0.0.1'].join(',');
}
