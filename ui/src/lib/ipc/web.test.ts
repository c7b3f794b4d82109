import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { CallError } from './backend';
import { SseReader } from './sse';
import { webBackend, type Browser } from './web';

function browser(hash: string, answer: (url: string, init?: RequestInit) => Promise<Response>) {
  const kept = new Map<string, string>();
  const requests: { url: string; init: RequestInit | undefined }[] = [];
  const replaced: string[] = [];
  const opened: string[][] = [];
  const fake: Browser = {
    fetch: (async (url: string, init?: RequestInit) => {
      requests.push({ url, init });
      return answer(url, init);
    }) as typeof fetch,
    location: { hash, pathname: '/', search: '' },
    history: { replaceState: (_data: unknown, _title: string, url?: string | URL | null) => void replaced.push(String(url)) },
    sessionStorage: { getItem: (name) => kept.get(name) ?? null, setItem: (name, value) => void kept.set(name, value) },
    open: (...args) => opened.push(args),
  };
  return { fake, kept, requests, replaced, opened };
}

const json = (body: unknown, status = 200): Promise<Response> => Promise.resolve(new Response(JSON.stringify(body), { status }));
const header = (init: RequestInit | undefined): string | undefined => (init?.headers as Record<string, string> | undefined)?.['X-Tocsin-Token'];

describe('the token', () => {
  it('is_kept_for_the_tab_removed_from_the_address_and_sent_as_a_header_only', async () => {
    const { fake, kept, requests, replaced } = browser('#token=tocsin-test-secret', () => json({ count: 2 }));
    await webBackend(fake).call('list_fresh', { list: 1 });
    expect(kept.get('tocsin.token')).toBe('tocsin-test-secret');
    expect(replaced).toEqual(['/']);
    expect(requests[0]?.url).toBe('/rpc');
    expect(header(requests[0]?.init)).toBe('tocsin-test-secret');
    expect(requests[0]?.init?.body).toBe('{"name":"list_fresh","request":{"list":1}}');
  });

  it('comes_from_the_tab_when_the_page_is_loaded_again', async () => {
    const { fake, kept, requests, replaced } = browser('', () => json({}));
    kept.set('tocsin.token', 'earlier');
    await webBackend(fake).call('status', {});
    expect(header(requests[0]?.init)).toBe('earlier');
    expect(replaced).toEqual([]);
  });
});

describe('a refused command', () => {
  const failure = async (answer: () => Promise<Response>): Promise<string> => {
    const { fake } = browser('', answer);
    return webBackend(fake).call('status', {}).then(() => 'none', (error: CallError) => error.fault.code);
  };
  it('carries_the_backends_fault', async () => {
    expect(await failure(() => json({ code: 'list_closed', params: {}, message: 'x' }, 409))).toBe('list_closed');
  });
  it('says_what_is_wrong_where_there_is_no_fault', async () => {
    expect(await failure(() => json('no', 403))).toBe('token_refused');
    expect(await failure(() => Promise.resolve(new Response('<html>', { status: 502 })))).toBe('server_error');
    expect(await failure(() => Promise.reject(new TypeError('net')))).toBe('server_unreachable');
  });
});

describe('events', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  const stream = (...pieces: string[]): Promise<Response> =>
    Promise.resolve(new Response(new ReadableStream({
      start(controller) {
        for (const piece of pieces) controller.enqueue(new TextEncoder().encode(piece));
        controller.close();
      },
    })));

  it('are_read_from_any_pieces_and_asked_for_again_with_a_pause_after_a_loss', async () => {
    let times = 0;
    const { fake, requests } = browser('#token=t', () => {
      times += 1;
      if (times === 1) return stream(': hello\n\ndata: {"kind":"triage_', 'changed"}\n\n');
      if (times === 2) return Promise.reject(new TypeError('gone'));
      return new Promise(() => {});
    });
    const backend = webBackend(fake);
    const heard: string[] = [];
    let reconnects = 0;
    backend.onReconnect(() => (reconnects += 1));
    const stop = backend.on((event) => heard.push(event.kind));
    await vi.advanceTimersByTimeAsync(0);
    expect(heard).toEqual(['triage_changed']);
    expect(header(requests[0]?.init)).toBe('t');
    await vi.advanceTimersByTimeAsync(500);
    expect(times).toBe(2);
    await vi.advanceTimersByTimeAsync(999);
    expect(times).toBe(2);
    await vi.advanceTimersByTimeAsync(1);
    expect(times).toBe(3);
    expect(reconnects).toBe(0);
    stop();
    expect((requests[2]?.init?.signal as AbortSignal).aborted).toBe(true);
  });

  it('are_not_asked_for_again_once_the_token_is_refused', async () => {
    const { fake, requests } = browser('', () => json('no', 401));
    webBackend(fake).on(() => {});
    await vi.advanceTimersByTimeAsync(120_000);
    expect(requests).toHaveLength(1);
  });

  it('join_lines_of_data_and_skip_comments', () => {
    const sse = new SseReader();
    expect(sse.push('data: a\r\ndata: b\r\n')).toEqual([]);
    expect(sse.push('\r\n:x\n\nevent: y\ndata:c\n\n')).toEqual(['a\nb', 'c']);
  });
});

describe('links', () => {
  it('open_only_where_they_are_web_addresses', async () => {
    const { fake, opened } = browser('', () => json({}));
    const backend = webBackend(fake);
    for (const url of ['javascript:alert(1)', 'file:///etc/passwd', 'x', 'https://a.example/']) await backend.openUrl(url);
    expect(opened).toEqual([['https://a.example/', '_blank', 'noopener,noreferrer']]);
  });
});
