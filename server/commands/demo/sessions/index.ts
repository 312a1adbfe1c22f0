import type { Session } from '../session.ts';
import { block } from './block.ts';
import { copy } from './copy.ts';
import { member } from './member.ts';
import { argument } from './newArgument.ts';
import { parameter } from './parameter.ts';
import { rename } from './renamedField.ts';

/** In the order in which they are replayed. A new session is one file and one line here. */
export const sessions: readonly Session[] = [rename, argument, block, parameter, copy, member];
