import { fillIn } from '../fillIn.ts';

/** Qwen2.5-Coder's base models: see `fillIn`. */
export const fillInQwen = fillIn('fillInQwen', {
  prefix: '<|fim_prefix|>',
  suffix: '<|fim_suffix|>',
  middle: '<|fim_middle|>',
  ends: ['<|endoftext|>', '<|fim_pad|>', '<|file_sep|>', '<|repo_name|>'],
});
