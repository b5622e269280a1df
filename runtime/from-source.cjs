'use strict';
// What `npm start` runs in a clone: Node itself strips the types, so that nothing has to be built.
require('./bin/compile-cache.cjs');
import('./src/main.ts').catch(function (error) {
  process.stderr.write(String((error && error.stack) || error) + '\n');
  process.exit(1);
});
