import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { Ajv } from 'ajv';
import { type Drawing, labelWidth } from '../../src/report/charts/layers.ts';

const schemaFile = createRequire(import.meta.url).resolve('vega-lite/vega-lite-schema.json');
const ajv = new Ajv({ strict: false, validateFormats: false });

/** Is it a Vega-Lite spec? `validate.errors` says why not. */
export const validate = ajv.compile(JSON.parse(readFileSync(schemaFile, 'utf8')));

/** Pairs of labels whose boxes overlap, and labels that leave the picture. */
export function misplaced(drawing: Drawing): string[] {
  const scale = drawing.width / (drawing.xDomain[1] - drawing.xDomain[0]);
  const boxes = drawing.labels.map((label) => {
    const wide = labelWidth(label);
    const x = label.x * scale - (label.align === 'left' ? 0 : label.align === 'right' ? wide : wide / 2);
    return { text: label.text, x, x2: x + wide, y: label.y - label.size / 2, y2: label.y + label.size / 2 };
  });
  const outside = boxes.filter(
    (b) => b.x < -drawing.left - 1 || b.x2 > drawing.width + drawing.right + 1 || b.y < -1 || b.y2 > drawing.height + 1,
  );
  const overlapping = boxes.flatMap((a, i) =>
    boxes
      .slice(i + 1)
      .filter((b) => a.x < b.x2 - 0.5 && b.x < a.x2 - 0.5 && a.y < b.y2 && b.y < a.y2)
      .map((b) => `${a.text} / ${b.text}`),
  );
  return [...outside.map((b) => `outside: ${b.text}`), ...overlapping];
}
