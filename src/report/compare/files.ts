import type { Comparison } from '../../study/compare/compare.ts';
import { vegaLite } from '../charts/layers.ts';
import { renderSvg } from '../charts/svg.ts';
import type { ReportFile } from '../report-file.ts';
import { drawComparison } from './chart.ts';
import { compareJson, type Named } from './json.ts';

/** Names of all files that the report of a comparison may have. */
export const compareFileNames = ['report.html', 'compare.json', 'compare.svg', 'compare.vl.json'] as const;

/** The files of a comparison's report, in memory. */
export async function compareFiles(
  comparison: Comparison,
  { charts, ...named }: Named & { readonly charts: boolean },
): Promise<ReportFile[]> {
  const files = [{ name: 'compare.json', content: `${JSON.stringify(compareJson(comparison, named), null, 1)}\n` }];
  if (!charts) return files;
  const spec = vegaLite(drawComparison(comparison, named.labels));
  return [
    ...files,
    { name: 'compare.vl.json', content: `${JSON.stringify(spec, null, 1)}\n` },
    { name: 'compare.svg', content: await renderSvg(spec) },
    { name: 'report.html', content: await pageOf(comparison, named) },
  ];
}

/** The page is loaded when one is wanted: most of it is a script for browsers. */
async function pageOf(comparison: Comparison, named: Named): Promise<string> {
  const { comparisonHtml } = await import('../html/page.ts');
  return comparisonHtml(comparison, named);
}
