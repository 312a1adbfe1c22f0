import type { Engine } from './engine.ts';
import type { EngineChoice } from './registry.ts';

/** How often an engine that cannot be had is looked for, in milliseconds: what it needs may be installed meanwhile. */
const lookAgainMs = 30_000;

/** The engines in use, made when first wanted. */
export class CurrentEngines {
  readonly #choose: () => Promise<EngineChoice>;
  readonly #onReplaced: () => void;
  #choice: Promise<EngineChoice> | undefined;
  #lookAgainAt = 0;
  #isClosed = false;

  /** `onReplaced` is told when it could be had meanwhile and is in use from now on. */
  constructor(choose: () => Promise<EngineChoice>, onReplaced: () => void) {
    this.#choose = choose;
    this.#onReplaced = onReplaced;
  }

  /** Those that are in use once they are made: whoever waits while the settings change gets the ones that these name. */
  async get(): Promise<readonly Engine[]> {
    while (!this.#isClosed) {
      const choice = this.#choice ?? this.#chosen(this.#choose());
      const { engines, isLacking } = await choice;
      if (this.#choice !== choice) continue;
      if (isLacking && performance.now() >= this.#lookAgainAt) void this.#lookAgain(choice);
      return engines;
    }
    return [];
  }

  /** Ends the engines in use; the next `get` chooses anew. */
  async dispose(): Promise<void> {
    const choice = this.#choice;
    this.#choice = undefined;
    const chosen = await choice?.catch(() => undefined);
    for (const engine of chosen?.engines ?? []) await engine.dispose();
  }

  /** Ends the engines in use for good: from now on there are none. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.dispose();
  }

  async #lookAgain(lacking: Promise<EngineChoice>): Promise<void> {
    this.#lookAgainAt = performance.now() + lookAgainMs;
    const found = await this.#choose();
    const isWanted = !found.isLacking && this.#choice === lacking && !this.#isClosed;
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
    // A choice that failed is not the last word.
    choice.catch(() => {
      if (this.#choice === choice) this.#choice = undefined;
    });
    return choice;
  }
}
