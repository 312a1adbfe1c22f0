import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // Real editors have their own runner (test/editors/run.sh), because they need a chroot.
    exclude: ['test/editors/**'],
    testTimeout: 20_000,
  },
});
