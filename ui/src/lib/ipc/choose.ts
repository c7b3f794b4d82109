// Which backend this page talks to.
import type { Backend } from './backend';
import { webBackend } from './web';

export async function chooseBackend(): Promise<Backend> {
  if ('__TAURI_INTERNALS__' in window) return (await import('./tauri')).tauriBackend();
  if (import.meta.env.DEV && new URLSearchParams(location.search).has('fake')) {
    return (await import('./fake/start')).startFake(new URLSearchParams(location.search));
  }
  return webBackend();
}
