// One short message at the bottom, with at most one action. A new one replaces the old one.
export interface Snack {
  text: string;
  tone?: 'plain' | 'fault';
  action?: { label: string; key?: string; testid?: string; run: () => void };
}

const SHOWN_MS = 10_000;

export class Snackbar {
  current = $state.raw<Snack | null>(null);
  #timer: ReturnType<typeof setTimeout> | undefined;

  show(snack: Snack): void {
    this.current = snack;
    this.release();
  }

  dismiss(): void {
    clearTimeout(this.#timer);
    this.current = null;
  }

  /** Keeps the message while the pointer or the focus is on it. */
  hold(): void {
    clearTimeout(this.#timer);
  }

  release(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.dismiss(), SHOWN_MS);
  }

  act(): void {
    const run = this.current?.action?.run;
    this.dismiss();
    run?.();
  }
}
