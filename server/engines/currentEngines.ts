import type { Engine } from './engine.ts';
import type { EngineChoice } from './registry.ts';

/** How often to look for an unavailable engine, in milliseconds: what it needs may be installed meanwhile. */
const lookAgainMs = 30_000;

/** The engines in use, made on first use. */
export class CurrentEngines {
  readonly #choose: () => Promise<EngineChoice>;
  readonly #onReplaced: () => void;
  #choice: Promise<EngineChoice> | undefined;
  #lookAgainAt = 0;
  #isClosed = false;

  /** `onReplaced` is called when an unavailable engine has become available and is in use. */
  constructor(choose: () => Promise<EngineChoice>, onReplaced: () => void) {
    this.#choose = choose;
    this.#onReplaced = onReplaced;
  }

  /** The engines in use, once made: callers that wait while the settings change get those of the new settings. */
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

  /** Ends the engines in use; the next `get` chooses again. */
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
    // A choice that failed is not final.
    choice.catch(() => {
      if (this.#choice === choice) this.#choice = undefined;
    });
    return choice;
  }
}
