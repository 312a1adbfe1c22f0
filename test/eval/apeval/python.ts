import { findPython, NoPython } from '../../../server/eval/apeval/harness.ts';

/** The command for Python 3, or undefined where the machine has none: tests that need it are skipped then. */
export function pythonHere(): string | undefined {
  try {
    return findPython();
  } catch (error) {
    if (error instanceof NoPython) return undefined;
    throw error;
  }
}
