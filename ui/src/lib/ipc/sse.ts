// Server-sent events from text that arrives in any pieces (WHATWG HTML, section 9.2.6). Only `data` is
// used: the stream's own ids and retry hints say nothing that a fresh fetch does not.
export class SseReader {
  #rest = '';
  #data: string[] = [];

  /** Takes a piece of the stream; returns the data of every event that it completes. */
  push(piece: string): string[] {
    const lines = (this.#rest + piece).split(/\r\n|\n|\r(?!$)/);
    this.#rest = lines.pop() ?? '';
    const events: string[] = [];
    for (const line of lines) {
      if (line === '') {
        if (this.#data.length > 0) events.push(this.#data.join('\n'));
        this.#data = [];
      } else if (line.startsWith('data:')) {
        this.#data.push(line.slice(line[5] === ' ' ? 6 : 5));
      }
    }
    return events;
  }
}
