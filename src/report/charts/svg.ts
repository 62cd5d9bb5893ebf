import type { TopLevelSpec } from 'vega-lite';

/** The picture of a spec. Vega is loaded at the first one: a run without charts never pays for it. */
export async function renderSvg(spec: TopLevelSpec): Promise<string> {
  const [vega, { compile }] = await Promise.all([import('vega'), import('vega-lite')]);
  // Ids of clip paths count up in the module: without this a second picture would differ from the first.
  vega.resetSVGDefIds();
  const view = new vega.View(vega.parse(compile(spec).spec), { renderer: 'none' });
  try {
    return `${await view.toSVG()}\n`;
  } finally {
    view.finalize();
  }
}
