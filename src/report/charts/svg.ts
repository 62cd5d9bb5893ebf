import type { Spec } from 'vega';
import { madeOnce } from '../../engine/made-once.ts';
import type { Chart, Layer } from './layers.ts';

/** The picture of a chart, with its description for those who do not see it. Vega is loaded at the first one: a run without charts never pays for it. */
export async function renderSvg(chart: Chart): Promise<string> {
  const vega = await import('vega');
  // Ids of clip paths count up in the module: without this a second picture would differ from the first.
  vega.resetSVGDefIds();
  const view = new vega.View(vega.parse(filled(await compiled(formOf(chart)), chart)), { renderer: 'none' });
  try {
    const svg = await view.toSVG();
    return `${svg.replace('<svg ', () => `<svg role="img" aria-label="${escaped(chart.description)}" `)}\n`;
  } finally {
    view.finalize();
  }
}

/** To compile a chart takes longer than to draw it, and most have the same form. */
const compiled = madeOnce(async (form: string): Promise<Spec> => {
  const { compile } = await import('vega-lite');
  return compile(JSON.parse(form)).spec;
});

const someDomain = [0, 1];

/** What decides what a chart compiles to: all of it but data, texts, sizes and domains. */
function formOf(chart: Chart): string {
  const { description: _, title, layer, ...rest } = chart;
  return JSON.stringify({
    ...rest,
    width: 1,
    height: 1,
    padding: 0,
    title: { ...title, text: ['x'], subtitle: ['x'], dx: 0 },
    layer: layer.map((one, index) => ({ ...one, data: { name: nameOf(index) }, encoding: encodingFormOf(one) })),
  });
}

function encodingFormOf({ encoding }: Layer) {
  const { x, y } = encoding;
  const axis = x.axis === null ? null : { ...x.axis, title: 'x', values: someDomain, offset: 0 };
  return {
    ...encoding,
    x: { ...x, scale: { ...x.scale, domain: someDomain }, axis },
    y: { ...y, scale: { ...y.scale, domain: someDomain } },
  };
}

const nameOf = (layer: number) => `layer-${layer}`;

/** Puts what a chart has of its own into what its form compiled to. */
function filled(form: Spec, { description, width, height, padding, title, layer }: Chart): Spec {
  const [first] = layer;
  if (first === undefined) return form;
  const { x, y } = first.encoding;
  const { text, subtitle, dx } = title;
  const values = new Map(layer.map(({ data }, index) => [nameOf(index), data.values]));
  const axis = x.axis === null ? {} : { title: x.axis.title, values: x.axis.values, offset: x.axis.offset };
  return {
    ...form,
    description,
    width,
    height,
    padding,
    title: { ...(typeof form.title === 'object' && form.title), text, subtitle, dx },
    data: (form.data ?? []).map((data) => ({
      ...data,
      ...(values.has(data.name) && { values: values.get(data.name) }),
    })),
    scales: (form.scales ?? []).map((scale) => ({ ...scale, domain: (scale.name === 'x' ? x : y).scale.domain })),
    axes: (form.axes ?? []).map((one) => ({ ...one, ...axis })),
  };
}

function escaped(text: string): string {
  return text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;').replace(/"/g, '&quot;');
}
