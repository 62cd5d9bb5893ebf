/** Attributes by name; `undefined` and `false` leave one out, `true` sets it empty. Never `style` or `on…`: the page's policy forbids both. */
export type Attributes = Readonly<Record<string, string | number | boolean | undefined>>;
export type Child = Node | string;

/** An element with its children; strings become text, never markup. */
export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  setAttributes(element, attributes);
  element.append(...children);
  return element;
}

const svgNamespace = 'http://www.w3.org/2000/svg';

export function s<K extends keyof SVGElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: readonly Child[]
): SVGElementTagNameMap[K] {
  const element = document.createElementNS(svgNamespace, tag);
  setAttributes(element, attributes);
  element.append(...children);
  return element;
}

export function setAttributes(element: Element, attributes: Attributes): void {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === false) element.removeAttribute(name);
    else element.setAttribute(name, value === true ? '' : String(value));
  }
}

/** A button with words on it, or with a sign and the words for those who do not see it. */
export function button(label: string, act: () => void, attributes: Attributes = {}, sign = label): HTMLButtonElement {
  const element = h(
    'button',
    { type: 'button', 'aria-label': sign === label ? undefined : label, ...attributes },
    sign,
  );
  if (sign !== label) element.title = label;
  element.addEventListener('click', act);
  return element;
}

/** Sentences with what stands between backquotes set as code. */
export function prose(text: string): Child[] {
  return text.split('`').map((part, index) => (index % 2 === 1 ? h('code', {}, part) : part));
}
