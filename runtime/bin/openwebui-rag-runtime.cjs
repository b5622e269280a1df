#!/usr/bin/env node
'use strict';
// Plain CommonJS that any Node can read: an older one must get a sentence, not a syntax error.
const major = Number(process.versions.node.split('.')[0]);
if (major < 24) {
  process.stderr.write('openwebui-rag-runtime needs Node 24 or newer; this is Node ' + process.versions.node + '.\n');
  process.exit(1);
}
require('./compile-cache.cjs');
import('../dist/main.js').catch(function (error) {
  process.stderr.write(String((error && error.stack) || error) + '\n');
  process.exit(1);
});
