import { describe, expect, it } from 'vitest';
import { createEngine } from '../../server/engines/registry.ts';

describe('createEngine', () => {
  it.each(['auto', 'pattern'] as const)('takes the embedded engine for %s', (engine) => {
    const choice = createEngine({ engine, 'pattern.minConfidence': 0.5 });
    expect(choice.engine.name).toBe('pattern');
    expect(choice.notice).toBeUndefined();
  });

  it.each(['cursorcore', 'remote'] as const)('takes it for %s, too, and says so', (engine) => {
    const choice = createEngine({ engine, 'pattern.minConfidence': 0.5 });
    expect(choice.engine.name).toBe('pattern');
    expect(choice.notice).toMatch(new RegExp(`"${engine}" is not available.*pattern engine is used`));
  });
});
