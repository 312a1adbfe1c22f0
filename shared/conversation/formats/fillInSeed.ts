import { fillIn } from '../fillIn.ts';

/** Seed-Coder's base model, which is shown the suffix first: see `fillIn`. */
export const fillInSeed = fillIn('fillInSeed', {
  prefix: '<[fim-prefix]>',
  suffix: '<[fim-suffix]>',
  middle: '<[fim-middle]>',
  suffixFirst: true,
  ends: ['<[end▁of▁sentence]>'],
});
