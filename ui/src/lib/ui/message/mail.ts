// An e-mail's HTML, drawn without a frame: the page's policy allows neither frames nor styles in markup, so the
// body is built anew from what mails need, in a shadow root of its own. Nothing in it can be pressed, loaded or run.
const TAGS = new Set([
  'DIV', 'P', 'SPAN', 'TABLE', 'THEAD', 'TBODY', 'TFOOT', 'TR', 'TD', 'TH', 'B', 'STRONG', 'I', 'EM', 'U', 'S', 'BR', 'HR', 'UL', 'OL', 'LI', 'BLOCKQUOTE', 'CODE', 'PRE', 'SMALL', 'CENTER',
]);
/** Shown as something plainer: headings would be headings of our page. A link without its address leads nowhere. */
const INSTEAD: Record<string, string> = { H1: 'div', H2: 'div', H3: 'div', H4: 'div', A: 'a', BODY: 'div', MAIN: 'div', SECTION: 'div', HEADER: 'div', FOOTER: 'div', ARTICLE: 'div' };
const DROPPED = new Set(['SCRIPT', 'STYLE', 'X-SHEET', 'TITLE', 'HEAD', 'META', 'LINK', 'TEMPLATE', 'IFRAME', 'OBJECT', 'SVG', 'MATH']);
const ATTRIBUTES = ['bgcolor', 'colspan', 'rowspan', 'align', 'valign', 'width', 'dir', 'lang', 'class', 'cellpadding', 'cellspacing', 'border'];
const PROPERTIES = /^(?:background(?:-color)?|border(?:-(?:top|right|bottom|left|color|style|width|radius|collapse|spacing))*|color|display|font(?:-(?:family|size|style|weight))?|letter-spacing|line-height|margin(?:-(?:top|right|bottom|left))?|(?:max-|min-)?width|(?:max-|min-)?height|overflow-wrap|padding(?:-(?:top|right|bottom|left))?|text-(?:align|decoration|transform)|vertical-align|white-space|word-break)$/;

/** Draws a mail's HTML into an element's shadow root. */
export function drawMail(host: HTMLElement, html: string): void {
  const root = host.shadowRoot ?? host.attachShadow({ mode: 'open' });
  const mail = new DOMParser().parseFromString(unstyled(html), 'text/html');
  const body = document.createElement('div');
  body.dir = mail.body.dir || 'auto';
  style(body, mail.body.getAttribute('data-style'));
  copyClasses(body, mail.body);
  for (const child of mail.body.childNodes) add(body, child);
  root.replaceChildren(body);
  root.adoptedStyleSheets = sheets([...mail.querySelectorAll('x-sheet')].map((one) => one.textContent ?? ''));
}

/** Some engines hold the page's policy against styles of a document that is only read: they get other names first. */
const unstyled = (html: string): string =>
  html.replace(/<style\b([^>]*)>/gi, '<x-sheet$1>').replace(/<\/style\s*>/gi, '</x-sheet>').replace(/<[a-z][^>]*>/gi, (tag) => tag.replace(/\sstyle\s*=/gi, ' data-style='));

function add(parent: HTMLElement, node: Node): void {
  if (node.nodeType === 3) parent.append(node.textContent ?? '');
  if (node.nodeType !== 1) return;
  const from = node as HTMLElement;
  const name = from.tagName.toUpperCase();
  if (DROPPED.has(name)) return;
  const element = TAGS.has(name) || INSTEAD[name] ? document.createElement(INSTEAD[name] ?? name.toLowerCase()) : null;
  if (element) {
    for (const attribute of ATTRIBUTES) {
      const value = from.getAttribute(attribute);
      if (value !== null) element.setAttribute(attribute, value);
    }
    // Tables lay a mail out; they are no tables to a reader.
    if (name === 'TABLE') element.setAttribute('role', 'presentation');
    style(element, from.getAttribute('data-style'));
    const href = name === 'A' ? from.getAttribute('href') : null;
    if (href !== null) {
      element.title = href;
      if (element.style.color === '') element.style.color = 'LinkText';
      if (element.style.textDecoration === '') element.style.textDecoration = 'underline';
    }
    parent.append(element);
  }
  for (const child of from.childNodes) add(element ?? parent, child);
}

/** Each declaration by itself, since markup may not bring styles here. */
function style(element: HTMLElement, text: string | null): void {
  for (const declaration of (text ?? '').split(';')) {
    const [name = '', ...value] = declaration.split(':');
    const property = name.trim().toLowerCase();
    const said = value.join(':').trim();
    if (PROPERTIES.test(property) && !/url\(|expression|image/i.test(said)) element.style.setProperty(property, said.replace(/\s*!important$/i, ''));
  }
}

function copyClasses(to: HTMLElement, from: HTMLElement): void {
  const name = from.getAttribute('class');
  if (name) to.setAttribute('class', name);
}

function sheets(texts: readonly string[]): CSSStyleSheet[] {
  if (typeof CSSStyleSheet === 'undefined' || !('replaceSync' in CSSStyleSheet.prototype)) return [];
  return texts.map((text) => {
    const sheet = new CSSStyleSheet();
    // Nothing is fetched for a look, and nothing leaves its place.
    sheet.replaceSync(text.replace(/url\([^)]*\)|@import[^;]*;/gi, '').replace(/\bposition\s*:\s*(?:fixed|sticky)/gi, 'position: static').replace(/(^|[\s,{}])body(?=[\s,{.])/g, '$1:host'));
    return sheet;
  });
}
