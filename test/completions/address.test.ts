import { describe, expect, test } from 'vitest';
import { newToken, readAddress, tokenFrom } from '../../server/completions/address.ts';

describe('where completions are served', () => {
  test.each([
    ['8080', '127.0.0.1', 8080],
    ['127.0.0.1:7079', '127.0.0.1', 7079],
    ['localhost:1', '127.0.0.1', 1],
    ['127.1.2.3:65535', '127.1.2.3', 65_535],
    ['[::1]:7079', '::1', 7079],
    [':7079', '127.0.0.1', 7079],
  ])('%s', (value, host, port) => {
    expect(readAddress(value)).toEqual({ host, port });
  });

  test.each([
    '0.0.0.0:7079',
    '[::]:7079',
    '192.168.1.2:7079',
    'example.org:80',
    '127.evil.example:80',
    '127.0.0.1.example:80',
  ])('never at %s', (value) => {
    expect(() => readAddress(value)).toThrow('on this machine alone');
  });

  test.each(['', 'x', '127.0.0.1', '127.0.0.1:', '70000', '127.0.0.1:-1', '1.5'])('%j is no address', (value) => {
    expect(() => readAddress(value)).toThrow('is no address');
  });
});

describe('the token', () => {
  test('is the one that the environment names, ours before the one that Zed knows', () => {
    const [ours, zeds] = ['ours-0123456789abcdef', 'zeds-0123456789abcdef'];
    const zed = { ZED_OPEN_AI_COMPATIBLE_EDIT_PREDICTION_API_KEY: zeds };
    expect(tokenFrom({})).toBeUndefined();
    expect(tokenFrom({ CURSORCORE_COMPLETIONS_TOKEN: ' ' })).toBeUndefined();
    expect(tokenFrom(zed)).toBe(zeds);
    expect(tokenFrom({ ...zed, CURSORCORE_COMPLETIONS_TOKEN: ours })).toBe(ours);
  });

  test('is not one that could be guessed', () => {
    expect(() => tokenFrom({ CURSORCORE_COMPLETIONS_TOKEN: 'hunter2' })).toThrow('16 characters');
    expect(newToken()).toMatch(/^[\w-]{32}$/);
    expect(newToken()).not.toBe(newToken());
  });
});
