// The desktop window's transport: one IPC command and one event. The only file that touches Tauri.
import { invoke } from '@tauri-apps/api/core';
import { listen } from '@tauri-apps/api/event';
import { CallError, faultOf, isWebUrl, type Backend, type Command, type Request, type Response } from './backend';
import type { Event } from './generated';

export function tauriBackend(): Backend {
  const call = async <K extends Command>(name: K, request: Request<K>): Promise<Response<K>> => {
    try {
      return await invoke<Response<K>>('rpc', { name, request });
    } catch (error) {
      throw new CallError(faultOf(error));
    }
  };
  return {
    call,
    on(listener) {
      const stop = listen<Event>('event', (message) => listener(message.payload));
      return () => void stop.then((unlisten) => unlisten());
    },
    onReconnect: () => () => {},
    async openUrl(url) {
      if (isWebUrl(url)) await call('open_url', { url });
    },
  };
}
