import { ModelStore } from '../../models/store.ts';
import { reported } from './interruptible.ts';

/** `model remove`: removes an installed model. Returns the exit code. */
export function removeModel(name: string): Promise<number> {
  return reported('remove', async () => {
    await new ModelStore().remove(name);
    process.stdout.write(`Removed ${name}.\n`);
    return 0;
  });
}
