'use strict';
// Keeps what the compiler made of the modules for the next start, which then takes less processor time and memory.
// In the data folder, because whoever can write to the cache decides what runs. A call for help makes no folder.
const { mkdirSync } = require('node:fs');
const { enableCompileCache } = require('node:module');
const { join, resolve } = require('node:path');

if (process.argv.length <= 2 && !process.env.NODE_COMPILE_CACHE) {
  const folder = join(resolve((process.env.DATA_DIR || '').trim() || './data'), 'compile-cache');
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    // The threads find it here.
    process.env.NODE_COMPILE_CACHE = folder;
    enableCompileCache(folder);
  } catch {
    // A folder that cannot be made is the service's own to report.
  }
}
