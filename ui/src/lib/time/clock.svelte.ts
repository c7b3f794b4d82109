// Now, as the backend has it: the browser's clock may be wrong, and a replay lives in the past. Between two
// answers it runs on by the monotonic clock. Reading `now` in a component keeps that component's ages fresh.
const STEP_MS = 15_000;

export class Clock {
  #base = 0;
  #at = 0;
  #timer: ReturnType<typeof setInterval> | undefined;
  /** Milliseconds since the epoch, at most 15 s old. */
  now = $state(0);

  /** Takes the backend's now (RFC 3339). */
  set(now: string): void {
    const ms = Date.parse(now);
    if (Number.isNaN(ms)) return;
    this.#base = ms;
    this.#at = performance.now();
    this.#step();
    this.#timer ??= setInterval(() => this.#step(), STEP_MS);
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #step(): void {
    this.now = this.#base + (performance.now() - this.#at);
  }
}

/** The app's one clock, set from every `status` answer. */
export const clock = new Clock();
