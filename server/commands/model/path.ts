import { ModelStore } from '../../models/store.ts';
import { reported } from './interruptible.ts';

/** `model path`: prints the folder of a model, or that of all of them. Returns the exit code. */
export function modelPath(name: string | undefined): Promise<number> {
  return reported('path', async () => {
    const store = new ModelStore();
    process.stdout.write(`${name === undefined ? store.folder : (await store.find(name)).folder}\n`);
    return 0;
  });
}
