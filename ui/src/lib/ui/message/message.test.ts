import { describe, expect, it } from 'vitest';
import { readBlocks } from './blocks';
import { drawMail } from './mail';
import { ofHtml, ofMrkdwn, type Markup } from './markup';

/** A tree in short: `b(words)`. */
const short = (parts: readonly Markup[]): string => parts.map((part) => ('text' in part ? part.text : `${part.tag}${part.href === null ? '' : `[${part.href}]`}(${short(part.inside)})`)).join('');

describe('a text of Telegram', () => {
  it('keeps_its_tags_and_loses_all_others', () => {
    const check = (html: string, expected: string): void => expect(short(ofHtml(html))).toBe(expected);
    check('<b>High</b> a &lt;b&gt; &amp; c', 'b(High) a <b> & c');
    check('<a href="https://x.example/?a=1&amp;b=2">CVE</a>', 'span[https://x.example/?a=1&b=2](CVE)');
    check('<b>a <i>b</i></b><img src=x onerror=alert(1)><script>alert(1)</script><table><tr><td>c</td></tr></table>', 'b(a i(b))c');
    check('<strong>a</strong>\n<s>b</s><code>c</code>', 'b(a)\ns(b)code(c)');
  });
});

describe('a text of Slack', () => {
  it('is_read_as_its_markup', () => {
    const check = (text: string, expected: string): void => expect(short(ofMrkdwn(text))).toBe(expected);
    check('*High* _now_ ~old~', 'b(High) i(now) s(old)');
    check('*<https://x.example/|A &amp; B>* &lt;b&gt;', 'b(span[https://x.example/](A & B)) <b>');
    check('2*3*4 and snake_case_name', '2*3*4 and snake_case_name');
    check('`*a*` ```b```', 'code(*a*) pre(b)');
    check('<https://x.example/>', 'span[https://x.example/](https://x.example/)');
    check('😀 *é*', '😀 b(é)');
  });

  it('is_a_list_of_blocks_or_is_shown_as_it_is', () => {
    expect(readBlocks('{')).toBeNull();
    expect(readBlocks('{"a":1}')).toBeNull();
    const blocks = readBlocks(JSON.stringify([
      { type: 'header', text: { type: 'plain_text', text: 'A' } }, { type: 'divider' }, { type: 'section', text: { type: 'plain_text', text: '*b*' } },
      { type: 'actions', elements: [{ type: 'button', text: { type: 'plain_text', text: 'Open' }, url: 'https://x.example/', style: 'primary' }] }, { type: 'video', x: 1 }, null,
    ]));
    expect(blocks?.map(({ kind }) => kind)).toEqual(['header', 'divider', 'section', 'actions', 'other', 'other']);
    expect(blocks?.[2]).toMatchObject({ text: [{ text: '*b*' }] });
  });
});

describe('an e-mail', () => {
  it('is_drawn_without_what_loads_runs_or_leads_anywhere', () => {
    const host = document.createElement('div');
    drawMail(host, `<html><body style="color: red; background-image: url(https://x.example/)"><h1 style="position: fixed; font-size: 17px">T</h1>
      <a href="javascript:alert(1)" onclick="alert(1)">go</a><img src="https://x.example/p.png"><form action="/x"><input value="i"></form><p>a style= in words</p><style>.quiet { color: red }</style><table><tr><td colspan="2" onmouseover="x">cell</td></tr></table>
      <iframe></iframe><svg><script>1</script></svg></body></html>`);
    const root = host.shadowRoot;
    expect(root?.querySelector('a[href], img, form, input, iframe, svg, script, h1')).toBeNull();
    expect(root?.textContent).toContain('cell');
    expect(root?.textContent).toContain('a style= in words');
    expect(root?.textContent).not.toContain('.quiet');
    expect(root?.querySelector('a')?.title).toBe('javascript:alert(1)');
    const cell = root?.querySelector('td');
    expect(cell?.getAttribute('colspan')).toBe('2');
    expect(cell?.hasAttribute('onmouseover')).toBe(false);
    const body = root?.firstElementChild as HTMLElement;
    expect(body.style.color).toBe('red');
    expect(body.getAttribute('style')).not.toContain('url(');
    expect(root?.innerHTML).not.toContain('fixed');
  });
});
