/** Offers older than this many are forgotten; accepting one of them is not counted. */
const maxRemembered = 1024;

type Outcome = 'offered' | 'accepted' | 'rejected';

/**
 * Counts offers and their outcomes. Each offer counts once as offered and once as accepted or rejected, however often
 * reported.
 */
export class OfferTally {
  readonly #outcomes = new Map<string, Outcome>();
  readonly #counts: Record<Outcome, number> = { offered: 0, accepted: 0, rejected: 0 };

  get counts(): Readonly<Record<Outcome, number>> {
    return this.#counts;
  }

  offered(id: string): void {
    if (this.#outcomes.has(id)) return;
    this.#outcomes.set(id, 'offered');
    this.#counts.offered++;
    if (this.#outcomes.size <= maxRemembered) return;
    const [oldest] = this.#outcomes.keys();
    if (oldest !== undefined) this.#outcomes.delete(oldest);
  }

  /** Returns whether the offer was open until now. */
  decided(id: string, outcome: 'accepted' | 'rejected'): boolean {
    if (this.#outcomes.get(id) !== 'offered') return false;
    this.#outcomes.set(id, outcome);
    this.#counts[outcome]++;
    return true;
  }
}
