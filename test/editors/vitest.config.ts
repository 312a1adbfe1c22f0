import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    root: import.meta.dirname,
    include: ['**/*.test.ts'],
    testTimeout: 120_000,
    hookTimeout: 60_000,
    // Each file drives editors and servers of its own; more at once only slow each other down.
    maxWorkers: 2,
  },
});
