// Doing things less often than they are asked for. Both forms forget what is pending on cancel().
export interface Later {
  (): void;
  cancel(): void;
}

/** Runs once the asking has paused for `ms`. */
export function debounce(run: () => void, ms: number): Later {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const later = (): void => {
    clearTimeout(timer);
    timer = setTimeout(run, ms);
  };
  return Object.assign(later, { cancel: () => clearTimeout(timer) });
}

/** Runs at once, then at most every `ms`; the last ask is never lost. */
export function throttle(run: () => void, ms: number): Later {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let again = false;
  const over = (): void => {
    timer = undefined;
    if (!again) return;
    again = false;
    later();
  };
  const later = (): void => {
    if (timer !== undefined) {
      again = true;
      return;
    }
    timer = setTimeout(over, ms);
    run();
  };
  return Object.assign(later, {
    cancel: () => {
      clearTimeout(timer);
      timer = undefined;
      again = false;
    },
  });
}
