import { fillIn } from '../fillIn.ts';

/** DeepSeek-Coder's base models: see `fillIn`. */
export const fillInDeepSeek = fillIn('fillInDeepSeek', {
  prefix: '<｜fim▁begin｜>',
  suffix: '<｜fim▁hole｜>',
  middle: '<｜fim▁end｜>',
  ends: ['<｜end▁of▁sentence｜>', '<|EOT|>'],
});
