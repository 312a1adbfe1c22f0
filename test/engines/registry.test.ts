import { describe, expect, it } from 'vitest';
import { createEngines } from '../../server/engines/registry.ts';

const events = { log: () => {}, notify: () => {} };

describe('createEngines', () => {
  it.each(['auto', 'pattern'] as const)('takes the embedded engine for %s', async (engine) => {
    const choice = await createEngines({ engine, 'pattern.minConfidence': 0.5 }, events);
    expect(choice.engines.map(({ name }) => name)).toEqual(['pattern']);
    expect(choice.notices).toEqual([]);
  });

  it.each(['cursorcore', 'remote'] as const)('takes it for %s, too, and says so', async (engine) => {
    const choice = await createEngines({ engine, 'pattern.minConfidence': 0.5 }, events);
    expect(choice.engines.map(({ name }) => name)).toEqual(['pattern']);
    expect(choice.notices[0]).toMatch(new RegExp(`"${engine}" is not available.*pattern engine is used`));
  });
});
