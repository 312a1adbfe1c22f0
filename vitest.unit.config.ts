import { configDefaults, defineConfig } from 'vitest/config';

/** Tests that start processes or run models, and those whose every case is slow. */
const slow = [
  'test/{commands,e2e,editors,endurance,fixtures,model-host}/**',
  'test/bench/typing/processes.test.ts',
  'test/models/hub/**',
  'test/engines/*/{dyingHost,installedCheck}.test.ts',
  'test/engines/workerEngine.test.ts',
  'test/history/{exclusion,hostileWorkspace}.test.ts',
  'test/models/manifestFile.test.ts',
  'test/models/graph/graphs.test.ts',
  'test/models/adapter/**',
  'test/models/quantize/offsetBlocks.test.ts',
  'test/models/architectures.test.ts',
  'test/engines/remote/remoteEngine.test.ts',
  'test/data/{collectGit,exportPairs,gitCases,resumable}.test.ts',
  'test/eval/gitCases.test.ts',
  'test/eval/apeval/**',
  'test/history/boundedMatch.test.ts',
  'test/lsp/server.test.ts',
  'test/models/store.test.ts',
];

/** `npm run test:unit`: what can be asked after every change, in seconds. `npm test` is everything. */
export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: [...configDefaults.exclude, ...slow],
    setupFiles: ['test/unitSetup.ts'],
    testTimeout: 120_000,
    maxWorkers: 2,
    pool: 'threads',
    // Most of the time would go into loading the same modules for each file again.
    isolate: false,
  },
});
