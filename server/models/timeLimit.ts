import { createContext, Script } from 'node:vm';

/** The error of work that was stopped because it took too long. */
export class OutOfTime extends Error {
  override readonly name = 'OutOfTime';
}

/** Created when first needed: that takes a millisecond, which should not delay the server's start. */
let made: { readonly context: { work?: () => void }; readonly call: Script } | undefined;

/**
 * The result of `work`, which is stopped after `ms` milliseconds with an OutOfTime. Parts of a model, such as a pattern
 * that backtracks or a template that loops, may never end by themselves; V8 can stop them anywhere.
 */
export function withinTime<T>(ms: number, work: () => T): T {
  made ??= { context: createContext({}), call: new Script('work()') };
  const { context, call } = made;
  let outcome: { readonly result: T } | undefined;
  const outer = context.work;
  context.work = () => {
    outcome = { result: work() };
  };
  try {
    call.runInContext(context, { timeout: ms });
  } catch (error) {
    if (!isTimeout(error)) throw error;
  } finally {
    if (outer) context.work = outer;
    else delete context.work;
  }
  if (outcome) return outcome.result;
  throw new OutOfTime(`it took more than ${ms} ms`);
}

function isTimeout(error: unknown): boolean {
  return (
    typeof error === 'object' && error !== null && 'code' in error && error.code === 'ERR_SCRIPT_EXECUTION_TIMEOUT'
  );
}
