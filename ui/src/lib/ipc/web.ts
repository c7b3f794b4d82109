// A browser's transport to the local server: POST /rpc, and the event stream read with fetch because an
// EventSource cannot send the token. The token comes once in the address (#token=...), is kept for this
// tab and removed from the address, so that it does not stay in the history or get copied with the link.
import { CallError, isFault, isWebUrl, type Backend, type Command, type Request, type Response } from './backend';
import type { Event } from './generated';
import { SseReader } from './sse';

const HEADER = 'X-Tocsin-Token';
const KEPT_AS = 'tocsin.token';
const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 30_000;

/** The parts of the browser that the transport uses; a test brings its own. */
export interface Browser {
  fetch: typeof fetch;
  location: Pick<Location, 'hash' | 'pathname' | 'search'>;
  history: Pick<History, 'replaceState'>;
  sessionStorage: Pick<Storage, 'getItem' | 'setItem'>;
  open: (url: string, target: string, features: string) => unknown;
}

export function takeToken({ location, history, sessionStorage }: Browser): string {
  const params = new URLSearchParams(location.hash.replace(/^#/, ''));
  const given = params.get('token');
  if (given === null) return sessionStorage.getItem(KEPT_AS) ?? '';
  sessionStorage.setItem(KEPT_AS, given);
  params.delete('token');
  const rest = params.toString();
  history.replaceState(null, '', location.pathname + location.search + (rest ? `#${rest}` : ''));
  return given;
}

export function webBackend(browser: Browser = hereAndNow()): Backend {
  const token = takeToken(browser);
  const listeners = new Set<(event: Event) => void>();
  const reconnected = new Set<() => void>();
  let stream: AbortController | null = null;

  const call = async <K extends Command>(name: K, request: Request<K>): Promise<Response<K>> => {
    let response: globalThis.Response;
    try {
      response = await browser.fetch('/rpc', {
        method: 'POST',
        headers: { 'Content-Type': 'application/json', [HEADER]: token },
        body: JSON.stringify({ name, request }),
      });
    } catch {
      throw new CallError({ code: 'server_unreachable', params: {}, message: 'Tocsin does not answer. Is it still running?' });
    }
    const body: unknown = await response.json().catch(() => null);
    if (response.ok) return body as Response<K>;
    if (isFault(body)) throw new CallError(body);
    const status = String(response.status);
    throw new CallError(
      response.status === 401 || response.status === 403
        ? { code: 'token_refused', params: {}, message: 'Open the address that Tocsin printed; this one has no valid token.' }
        : { code: 'server_error', params: { status }, message: `Tocsin answered with HTTP ${status}.` },
    );
  };

  const keepReading = async (signal: AbortSignal): Promise<void> => {
    let wait = FIRST_WAIT_MS;
    let lost = false;
    while (!signal.aborted) {
      try {
        const response = await browser.fetch('/events', {
          headers: { Accept: 'text/event-stream', [HEADER]: token },
          signal,
        });
        if (response.status === 401 || response.status === 403) return;
        if (response.ok && response.body) {
          wait = FIRST_WAIT_MS;
          if (lost) reconnected.forEach((tell) => tell());
          await readEvents(response.body, (event) => listeners.forEach((tell) => tell(event)));
        }
      } catch {
        // The server went away; it is asked again below.
      }
      lost = true;
      await pause(wait, signal);
      wait = Math.min(wait * 2, LONGEST_WAIT_MS);
    }
  };

  return {
    call,
    on(listener) {
      listeners.add(listener);
      if (!stream) {
        stream = new AbortController();
        void keepReading(stream.signal);
      }
      return () => {
        listeners.delete(listener);
        if (listeners.size === 0) {
          stream?.abort();
          stream = null;
        }
      };
    },
    onReconnect(listener) {
      reconnected.add(listener);
      return () => reconnected.delete(listener);
    },
    openUrl(url) {
      if (isWebUrl(url)) browser.open(url, '_blank', 'noopener,noreferrer');
      return Promise.resolve();
    },
  };
}

function hereAndNow(): Browser {
  return {
    fetch: (input, init) => window.fetch(input, init),
    location: window.location,
    history: window.history,
    sessionStorage: window.sessionStorage,
    open: (url, target, features) => window.open(url, target, features),
  };
}

async function readEvents(body: ReadableStream<Uint8Array>, tell: (event: Event) => void): Promise<void> {
  const sse = new SseReader();
  const decoder = new TextDecoder();
  const reader = body.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    for (const data of sse.push(decoder.decode(value, { stream: true }))) {
      const event = parse(data);
      if (event) tell(event);
    }
  }
}

function parse(data: string): Event | null {
  try {
    const event = JSON.parse(data) as Event;
    return typeof event === 'object' && event !== null && typeof event.kind === 'string' ? event : null;
  } catch {
    return null;
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener('abort', () => (clearTimeout(timer), resolve()), { once: true });
  });
}
