// Rules: which one is edited, and what is done with them. They are edited through the settings' state.
import type { Backend } from '$lib/ipc/backend';
import type { Backtest, Edit, Rule, RuleId } from '$lib/ipc/generated';
import { Search } from '$lib/query/search.svelte';
import { t } from '$lib/text';
import { testid } from '$lib/testids';
import type { Snackbar } from '$lib/ui/snackbar.svelte';
import type { Settings } from '../settings.svelte';
import { isBuiltIn, toRule, type Draft } from './draft';

export class Rules {
  /** The rule that is edited, or that a new one is made. */
  editing = $state<RuleId | { isNew: true } | null>(null);
  readonly search: Search;

  constructor(
    private readonly backend: Backend,
    private readonly snackbar: Snackbar,
    private readonly settings: Settings,
  ) {
    this.search = new Search(backend);
  }

  get all(): [RuleId, Rule][] {
    return Object.entries(this.settings.now?.settings.rules ?? {}).flatMap(([id, rule]) => (rule ? [[id, rule] as [RuleId, Rule]] : []));
  }

  /** The names of the other rules. */
  taken(id: RuleId | null): string[] {
    return this.all.filter(([other]) => other !== id).map(([, { name }]) => name);
  }

  backtest(draft: Draft, id: RuleId | null): Promise<Backtest> {
    return this.backend.call('rule_backtest', { rule: toRule(draft), instead_of: id });
  }

  async save(draft: Draft, id: RuleId | null): Promise<string | null> {
    const rule = toRule(draft);
    const problem = await this.settings.edit(id === null ? { kind: 'add_rule', rule } : { kind: 'set_rule', id, rule });
    if (problem === null) this.editing = null;
    return problem === null ? null : t.settings.routing.saveFailed(problem);
  }

  setEnabled(id: RuleId, rule: Rule, enabled: boolean): Promise<void> {
    return this.settings.orSay(this.settings.edit({ kind: 'set_rule', id, rule: { ...rule, enabled } }));
  }

  /** Removes a rule of the user's, or puts a built-in one back; offers to take that back. */
  async remove(id: RuleId, rule: Rule): Promise<void> {
    const words = t.settings.routing;
    const problem = await this.settings.edit({ kind: 'remove_rule', id });
    if (problem !== null) return this.snackbar.show({ tone: 'fault', text: words.saveFailed(problem) });
    if (this.editing === id) this.editing = null;
    const back: Edit = isBuiltIn(id) ? { kind: 'set_rule', id, rule } : { kind: 'add_rule', rule };
    this.snackbar.show({
      text: isBuiltIn(id) ? words.wasReset(rule.name) : words.removed(rule.name),
      action: { label: words.undo, testid: testid.undo, run: () => void this.settings.orSay(this.settings.edit(back)) },
    });
  }
}
