import { expect, it } from 'vitest';
import { counted } from '../shared/plural.ts';

it('counts one thing in the singular, and others in the plural', () => {
  expect([0, 1, 2].map((count) => counted(count, 'edit'))).toEqual(['0 edits', '1 edit', '2 edits']);
});
