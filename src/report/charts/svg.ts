import type { TopLevelSpec } from 'vega-lite';

/** The picture of a spec, with its description for those who do not see it. Vega is loaded at the first one: a run without charts never pays for it. */
export async function renderSvg(spec: TopLevelSpec): Promise<string> {
  const [vega, { compile }] = await Promise.all([import('vega'), import('vega-lite')]);
  // Ids of clip paths count up in the module: without this a second picture would differ from the first.
  vega.resetSVGDefIds();
  const view = new vega.View(vega.parse(compile(spec).spec), { renderer: 'none' });
  try {
    const svg = await view.toSVG();
    return `${svg.replace('<svg ', () => `<svg role="img" aria-label="${escaped(spec.description ?? '')}" `)}\n`;
  } finally {
    view.finalize();
  }
}

function escaped(text: string): string {
  return text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;').replace(/"/g, '&quot;');
}
