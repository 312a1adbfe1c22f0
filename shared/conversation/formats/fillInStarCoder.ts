import { fillIn } from '../fillIn.ts';

/** StarCoder and related models: see `fillIn`. */
export const fillInStarCoder = fillIn('fillInStarCoder', {
  prefix: '<fim_prefix>',
  suffix: '<fim_suffix>',
  middle: '<fim_middle>',
  ends: ['<|endoftext|>', '<file_sep>', '<repo_name>'],
});
