// Small choices of this window (row height, the detail's width). Where storage is refused they last until
// the window closes.
const PREFIX = 'tocsin.';

export function kept(name: string): string | null {
  try {
    return localStorage.getItem(PREFIX + name);
  } catch {
    return null;
  }
}

export function keep(name: string, value: string): void {
  try {
    localStorage.setItem(PREFIX + name, value);
  } catch {
    // Nothing is lost but a convenience.
  }
}
