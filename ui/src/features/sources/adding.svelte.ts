// Adding a feed: from the address of a site to the feed that is read. What is looked for can be outdated by
// another address at any time; then its answer is not shown.
import { faultOf } from '$lib/ipc/backend';
import type { Fault, FoundFeed, SourceId } from '$lib/ipc/generated';
import { t } from '$lib/text';
import { faultText } from '$lib/text/faults';
import type { Sources } from './sources.svelte';

export class Adding {
  address = $state('');
  allowPrivate = $state(false);
  isLooking = $state(false);
  fault = $state.raw<Fault | null>(null);
  found = $state.raw<readonly FoundFeed[] | null>(null);
  chosen = $state.raw<FoundFeed | null>(null);
  name = $state('');
  group = $state('');
  fullText = $state(false);
  isAdding = $state(false);
  problem = $state<string | null>(null);
  #asked = 0;

  constructor(private readonly sources: Sources) {}

  /** The address leads into a private network, which only the user can allow. */
  get isPrivate(): boolean {
    return this.fault?.code === 'address_refused' || this.allowPrivate;
  }

  get faultText(): string | null {
    if (this.fault) return faultText(this.fault);
    return this.found?.length === 0 ? t.sources.noFeedFound : null;
  }

  nameOf(id: SourceId): string {
    return this.sources.nameOf(id);
  }

  /** Another address is typed. */
  changed(): void {
    this.#asked += 1;
    this.isLooking = false;
    this.fault = null;
    this.found = null;
    this.chosen = null;
  }

  async look(): Promise<void> {
    const address = this.address.trim();
    if (address === '' || this.isLooking) return;
    this.changed();
    const asked = this.#asked;
    this.isLooking = true;
    try {
      const { feeds } = await this.sources.backend.call('feed_discover', { address, allow_private: this.allowPrivate });
      if (asked !== this.#asked) return;
      this.found = feeds;
      const fresh = feeds.find((feed) => feed.known === null);
      if (fresh) this.choose(fresh);
    } catch (error) {
      if (asked === this.#asked) this.fault = faultOf(error);
    }
    if (asked === this.#asked) this.isLooking = false;
  }

  choose(feed: FoundFeed): void {
    // A name that somebody typed is left alone.
    if (this.name === '' || this.name === this.chosen?.title.trim()) this.name = feed.title.trim();
    this.chosen = feed;
    this.problem = null;
  }

  /** Adds the chosen feed; true where it is added. */
  async add(): Promise<boolean> {
    const feed = this.chosen;
    if (!feed || this.isAdding) return false;
    if (this.name.trim() === '') {
      this.problem = t.sources.needsName;
      return false;
    }
    this.isAdding = true;
    const group = this.group.trim();
    this.problem = await this.sources.edit({
      kind: 'add_feed', name: this.name.trim(), url: feed.url, ...(group === '' ? {} : { group }), full_text: this.fullText, allow_private: this.allowPrivate,
    });
    this.isAdding = false;
    return this.problem === null;
  }
}
