import { describe, expect, it } from 'vitest';
import { checkMemory } from '../../server/model-host/memory.ts';

const model = { name: 'big', precision: 'int4' as const, files: [{ name: 'weights.bin', size: 4e9, sha256: '' }] };

describe('checkMemory', () => {
  it('lets a model in that fits', () => {
    expect(() => checkMemory(model, 5e9)).not.toThrow();
    expect(() => checkMemory(model)).not.toThrow(/NaN/);
  });

  it('refuses one that does not, with figures', () => {
    expect(() => checkMemory(model, 4e9)).toThrow(
      'big needs about 4.7 GB of memory and 4.0 GB are free: close other programs, or install a smaller model or one of lower precision',
    );
    expect(() => checkMemory({ ...model, precision: 'fp16' }, 8e9)).toThrow(/8\.7 GB/);
  });
});
