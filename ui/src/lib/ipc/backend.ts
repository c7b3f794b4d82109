// The one door to the host: a window's IPC, a browser's HTTP, or a fake. Nothing else in the interface
// knows how a command travels.
import type { Commands, Event, Fault } from './generated';

export type Command = keyof Commands;
export type Request<K extends Command> = Commands[K]['request'];
export type Response<K extends Command> = Commands[K]['response'];

export interface Backend {
  /** Asks; rejects with a {@link CallError} that carries the fault. */
  call<K extends Command>(name: K, request: Request<K>): Promise<Response<K>>;
  /** Hears all events from now on. Returns how to stop hearing. */
  on(listener: (event: Event) => void): () => void;
  /** Tells when events may have been missed, so that everything is fetched again. Returns how to stop. */
  onReconnect(listener: () => void): () => void;
  /** Opens a web address outside of the app. Call it inside the click that asked for it. */
  openUrl(url: string): Promise<void>;
}

/** A refused or failed command. `fault.code` says which problem it is. */
export class CallError extends Error {
  constructor(readonly fault: Fault) {
    super(fault.message);
    this.name = 'CallError';
  }
}

/** The fault in whatever was thrown. */
export function faultOf(error: unknown): Fault {
  if (error instanceof CallError) return error.fault;
  if (isFault(error)) return error;
  return { code: 'unexpected', params: {}, message: error instanceof Error ? error.message : String(error) };
}

export function isFault(value: unknown): value is Fault {
  return (
    typeof value === 'object' &&
    value !== null &&
    typeof (value as Fault).code === 'string' &&
    typeof (value as Fault).message === 'string'
  );
}

/** Whether an address may be opened: http and https only. */
export function isWebUrl(url: string): boolean {
  try {
    return ['http:', 'https:'].includes(new URL(url).protocol);
  } catch {
    return false;
  }
}
