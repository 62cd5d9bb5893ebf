import type { Micros } from '../../engine/time.ts';
import { WallClock } from '../../scenario/wall-clock.ts';
import type { FinishedRun } from '../../study/run.ts';
import { type Flow, misledBy, refreshesOf } from '../../trace/flows.ts';
import { toldEvents } from '../../trace/told-events.ts';
import { counted, inSeconds, instant } from '../../trace/words.ts';
import { keepsToOnePort } from '../conntrack.ts';
import type { ReportFile } from '../report-file.ts';
import { sideBySide } from '../side-by-side.ts';
import { laneFinding, mostTelling, titleOf } from './findings.ts';
import { drawFlows } from './flows-chart.ts';
import { drawJourney } from './journey-chart.ts';
import { type Drawing, vegaLite } from './layers.ts';
import { drawLookups } from './lookups-chart.ts';
import { drawSideBySide } from './side-by-side-chart.ts';
import { stormiest, stormOf } from './storm.ts';
import { drawStorm } from './storm-chart.ts';
import { renderSvg } from './svg.ts';

/** The charts of a run: each as a Vega-Lite spec and as a picture. */
export async function chartFiles(run: FinishedRun): Promise<ReportFile[]> {
  const journey = journeyOf(run);
  const clients = clientsOf(run);
  const flows = flowsOf(run);
  const upstream = upstreamOf(run);
  const drawings = [
    { name: 'lookups', drawing: lookupsOf(run) },
    ...(journey === undefined ? [] : [{ name: 'journey', drawing: journey }]),
    ...(clients === undefined ? [] : [{ name: 'clients', drawing: clients }]),
    ...(flows === undefined ? [] : [{ name: 'flows', drawing: flows }]),
    ...(upstream === undefined ? [] : [{ name: 'upstream', drawing: upstream }]),
  ];
  const files: ReportFile[] = [];
  for (const { name, drawing } of drawings) {
    const spec = vegaLite(drawing);
    files.push({ name: `${name}.vl.json`, content: `${JSON.stringify(spec, null, 1)}\n` });
    files.push({ name: `${name}.svg`, content: await renderSvg(spec) });
  }
  return files;
}

function byline({ scenario, world, version }: FinishedRun): string {
  const clock = new WallClock(scenario.definition.start);
  const zero = clock.isSet ? ` · 0 s is ${clock.words(0)}` : '';
  return `${scenario.name} · seed ${world.seed} · dnspath ${version}${zero}`;
}

function lookupsOf(run: FinishedRun): Drawing {
  const { analysis, world } = run;
  const names = [...new Set(analysis.workloads.flatMap(({ lookups }) => lookups.map((lookup) => lookup.name)))];
  const asked = names.length === 1 ? `lookups of ${names[0]}` : `lookups of ${names.length} names`;
  return drawLookups({
    title: titleOf(analysis),
    subtitle: `${byline(run)} · ${asked}; each bar: lookups in a row with one outcome`,
    until: analysis.until,
    lanes: analysis.workloads.map((workload) => {
      const finding = laneFinding(workload, analysis);
      const { summary, lookups } = workload;
      return { workload: summary.workload, lookups, finding: finding?.text ?? '', findingAt: finding?.at ?? 0 };
    }),
    events: toldEvents(world.events),
  });
}

/** The same lookup by several clients. */
function clientsOf(run: FinishedRun): Drawing | undefined {
  const side = sideBySide(run);
  if (side === undefined) return undefined;
  const events = toldEvents(run.world.events);
  const heads = side.times.map((t, i) => {
    const before = side.times[i - 1] ?? Number.NEGATIVE_INFINITY;
    return events.findLast(({ at }) => at <= t && at > before)?.label ?? '';
  });
  const lookups = counted(side.times.length, 'lookup');
  return drawSideBySide({
    side,
    heads,
    title: run.scenario.definition.title,
    subtitle: `${byline(run)} · ${lookups} of ${side.name} by each; bars: how long it took, framed where it failed`,
  });
}

function flowsOf(run: FinishedRun): Drawing | undefined {
  const { analysis, world } = run;
  // What other nodes on the way track of the same packets tells nothing more.
  const flows = analysis.workloads.flatMap(({ flows: own }) => own.filter(({ host }) => host === own[0]?.host));
  if (!keepsToOnePort(run) || flows.length === 0) return undefined;
  const sources = [...new Set(flows.map(({ source, destination }) => `${source} to ${destination}`))];
  const tuple = `conntrack entries of ${sources.join(', ')}`;
  return drawFlows({
    title: keptAlive(flows, analysis.until) ?? `${counted(flows.length, 'conntrack entry')} of ${sources.join(', ')}`,
    subtitle: `${byline(run)} · ${tuple}`,
    until: analysis.until,
    flows,
    events: toldEvents(world.events),
  });
}

/** Which entry a client kept alive that led its packets nowhere, and for how long; undefined: none. */
function keptAlive(flows: readonly Flow[], until: Micros): string | undefined {
  const stuck = flows.find((flow) => flow.astray && refreshesOf(flow).length > 0);
  const by = (flow: Flow, since: Micros) =>
    `kept alive by its own client for ${inSeconds((flow.ended ?? until) - since)}`;
  if (stuck !== undefined) return `An entry without DNAT, born at ${instant(stuck.born)}, was ${by(stuck, stuck.born)}`;
  const left = flows.find((flow) => misledBy(flow).length > 1);
  if (left?.leftAt === undefined) return undefined;
  return `An entry to ${left.replySource}, which left at ${instant(left.leftAt)}, was ${by(left, left.leftAt)} more`;
}

function upstreamOf(run: FinishedRun): Drawing | undefined {
  const lookup = stormiest(run.analysis);
  if (lookup === undefined) return undefined;
  const storm = stormOf(run, lookup);
  return drawStorm({ ...storm, subtitle: `${byline(run)} · ${storm.subtitle}` });
}

function journeyOf(run: FinishedRun): Drawing | undefined {
  const lookup = mostTelling(run.analysis);
  if (lookup === undefined) return undefined;
  const { short } = run.analysis.why(lookup);
  const got = lookup.result === 'OK' ? lookup.addresses.join(', ') : lookup.result;
  const why = lookup.verdict === 'right' ? '' : `: ${short}`;
  return drawJourney(
    run.analysis.journey(lookup),
    `Why ${lookup.workload} got ${got} at ${inSeconds(lookup.start)}${why}`,
    `${byline(run)} · a row a step, not to scale; queries for other names or types are left out`,
  );
}
