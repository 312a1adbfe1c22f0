import type { Engine } from '../engines/engine.ts';
import type { EngineChoice } from '../engines/registry.ts';

/** How often a model is looked for, in milliseconds, while none is installed. */
const lookAgainMs = 30_000;

/** The engines in use, made when first wanted. */
export class CurrentEngines {
  readonly #choose: () => Promise<EngineChoice>;
  readonly #onReplaced: () => void;
  #choice: Promise<EngineChoice> | undefined;
  #lookAgainAt = 0;

  /** `onReplaced` is told when a model was installed meanwhile and is in use from now on. */
  constructor(choose: () => Promise<EngineChoice>, onReplaced: () => void) {
    this.#choose = choose;
    this.#onReplaced = onReplaced;
  }

  async get(): Promise<readonly Engine[]> {
    const choice = this.#choice ?? this.#chosen(this.#choose());
    const { engines, lacksModel } = await choice;
    if (lacksModel && performance.now() >= this.#lookAgainAt) void this.#lookAgain(choice);
    return engines;
  }

  /** Ends the engines in use; the next `get` chooses anew. */
  async dispose(): Promise<void> {
    const choice = this.#choice;
    this.#choice = undefined;
    for (const engine of (await choice)?.engines ?? []) await engine.dispose();
  }

  async #lookAgain(lacking: Promise<EngineChoice>): Promise<void> {
    this.#lookAgainAt = performance.now() + lookAgainMs;
    const found = await this.#choose();
    const isWanted = !found.lacksModel && this.#choice === lacking;
    const unused = isWanted ? (await lacking).engines : found.engines;
    if (isWanted) {
      this.#chosen(Promise.resolve(found));
      this.#onReplaced();
    }
    for (const engine of unused) await engine.dispose();
  }

  #chosen(choice: Promise<EngineChoice>): Promise<EngineChoice> {
    this.#lookAgainAt = performance.now() + lookAgainMs;
    this.#choice = choice;
    return choice;
  }
}
