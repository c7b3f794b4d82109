// Light, dark, or as the system has it. The choice lives in the settings; a copy is kept here so that the
// next start paints in it at once.
import type { Theme } from '$lib/ipc/generated';
import { keep, kept } from './kept';

const KEY = 'theme';

export function applyTheme(theme: Theme): void {
  if (theme === 'system') delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
  keep(KEY, theme);
}

export function applyKeptTheme(): void {
  const theme = kept(KEY);
  if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme;
}
