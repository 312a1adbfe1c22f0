import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // Real editors have their own runner (test/editors/run.sh), because they need an editor.
    exclude: ['test/editors/**'],
    // On a busy machine a dozen starts of a program take long; what hangs is found out all the same.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    // Most of them wait for servers of their own; by default two cores would run one file at a time.
    maxWorkers: 2,
    // For the tests that load ONNX Runtime by themselves.
    env: { ORT_DISABLE_TELEMETRY: '1' },
  },
});
