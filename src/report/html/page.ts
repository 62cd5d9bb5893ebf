import { sha256 } from '@noble/hashes/sha2.js';
import type { Comparison } from '../../study/compare/compare.ts';
import type { FinishedRun } from '../../study/run.ts';
import type { Named } from '../compare/json.ts';
import { compareText } from '../compare/text.ts';
import { verdictText } from '../text.ts';
import { clientScript, clientStyle } from './client-bundle.ts';
import { comparisonData } from './comparison-data.ts';
import type { PageData } from './page-data.ts';
import { comparedData, runData } from './run-data.ts';

/** `report.html`: one file that shows a run, and needs nothing else. */
export function reportHtml(run: FinishedRun): string {
  return pageOf({ runs: [runData(run)] }, run.scenario.name, verdictOf(run));
}

/** `report.html` of a comparison: both runs beside each other, and what changed from one to the other. */
export function comparisonHtml(comparison: Comparison, named: Named): string {
  const { a, b, felt } = comparison;
  const title = `${a.scenario.name} and ${b.scenario.name}`;
  const withoutScript = compareText(comparison, { ...named, colour: false, directory: undefined, files: [] });
  return pageOf(
    { runs: [comparedData(a, felt?.a), comparedData(b, felt?.b)], comparison: comparisonData(comparison, named) },
    title,
    withoutScript,
  );
}

function verdictOf(run: FinishedRun): string {
  return verdictText(run, { colour: false, directory: undefined, files: [] });
}

/** Nothing is loaded, nothing but the page's own script runs, whatever the texts in it say. */
function pageOf(data: PageData, title: string, withoutScript: string): string {
  const policy = [
    "default-src 'none'",
    `script-src '${hashOf(clientScript)}'`,
    `style-src '${hashOf(clientStyle)}'`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escaped(title)} · dnspath</title>
<style>${clientStyle}</style>
</head>
<body>
<noscript><pre>${escaped(withoutScript)}</pre></noscript>
<script type="application/json" id="data">${jsonInHtml(data)}</script>
<script>${clientScript}</script>
</body>
</html>
`;
}

/** As a Content-Security-Policy names an inline script or style. */
function hashOf(text: string): string {
  const octets = sha256(new TextEncoder().encode(text));
  return `sha256-${btoa(String.fromCharCode(...octets))}`;
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** JSON that no HTML parser takes for the end of its element, or for the begin of a comment. */
function jsonInHtml(data: PageData): string {
  return JSON.stringify(data).replaceAll('<', '\\u003c');
}
