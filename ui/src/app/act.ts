// What a key does. Tells whether it did something, so that the browser does not do its own besides.
import type { Act } from './keys';
import type { Shell } from './shell.svelte';

/** What only elements can do. */
export interface Elements {
  search: () => void;
  page: (by: number) => void;
  openSource: () => void;
  copyId: () => void;
  focusList: () => void;
  focusDetail: () => void;
}

export function act(wanted: Act, shell: Shell, elements: Elements): boolean {
  switch (wanted.kind) {
    case 'collect':
      shell.collect();
      return true;
    case 'help':
      shell.help = true;
      return true;
    case 'go':
      shell.go(wanted.screen);
      return true;
    case 'view': {
      const view = shell.views[wanted.index];
      if (view) shell.goView(view.id);
      return true;
    }
    case 'own_view': {
      const view = shell.saved.own[wanted.index];
      if (view) shell.goView(view.id);
      return true;
    }
    case 'undo':
      void shell.inbox.undo();
      return true;
    case 'search':
      shell.go('inbox');
      elements.search();
      return true;
    case 'watch':
    case 'mute':
      if (shell.screen !== 'inbox' || !shell.inbox.detail) return false;
      shell.askWatch(wanted.kind === 'watch' ? 'watches' : 'mutes');
      return true;
    default:
      if (shell.screen === 'notifications') return inNotifications(wanted, shell);
      return shell.screen === 'inbox' && inInbox(wanted, shell, elements);
  }
}

function inNotifications(wanted: Act, { notifications }: Shell): boolean {
  switch (wanted.kind) {
    case 'move':
      notifications.move(wanted.by);
      return true;
    case 'back':
      notifications.close();
      return true;
    default:
      return false;
  }
}

function inInbox(wanted: Act, { inbox }: Shell, elements: Elements): boolean {
  switch (wanted.kind) {
    case 'move':
      inbox.move(wanted.by);
      return true;
    case 'page':
      elements.page(wanted.by);
      return true;
    case 'first':
      void inbox.toTop();
      return true;
    case 'last':
      inbox.select(inbox.count - 1);
      return true;
    case 'open':
      inbox.open();
      elements.focusDetail();
      return true;
    case 'back':
      if (inbox.selection.isEmpty || inbox.detailOpen) inbox.back();
      else inbox.selection.clear();
      elements.focusList();
      return true;
    case 'state':
      void inbox.setState(wanted.state);
      return true;
    case 'ask':
      inbox.ask(wanted.what);
      return true;
    case 'note':
      inbox.askNote();
      return true;
    case 'feedback':
      void inbox.say(wanted.relevant);
      return true;
    case 'toggle':
      inbox.toggleSelected();
      return true;
    case 'extend':
      inbox.extend(wanted.by);
      return true;
    case 'all':
      inbox.selectAll();
      return true;
    case 'read':
      void inbox.toggleRead();
      return true;
    case 'source':
      elements.openSource();
      return true;
    case 'copy':
      elements.copyId();
      return true;
    default:
      return false;
  }
}
