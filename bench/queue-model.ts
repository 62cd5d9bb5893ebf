// The M/M/1 queue: customers arrive at random, one server serves them at random speed, load 0.8.
// Once as a bare loop of heap and generators, once as processes of the engine with every step recorded.
import { ColumnStore } from '../src/engine/columns.ts';
import { Mailbox, type Process, sleep } from '../src/engine/process.ts';
import { EventQueue } from '../src/engine/queue.ts';
import { type RandomStream, randomStream } from '../src/engine/random.ts';
import { Recorder, recordKind, type Sink, type TraceId } from '../src/engine/recorder.ts';
import { Simulation } from '../src/engine/simulation.ts';
import { type Micros, minute } from '../src/engine/time.ts';

const betweenArrivals = 1_000;
const toServe = 800;

function exponential(draws: RandomStream, mean: Micros): Micros {
  return Math.round(-Math.log(1 - draws.fraction()) * mean);
}

/** Two generators, a heap and nothing else. Returns the number of arrivals and departures. */
export function bareLoop(customers: number): number {
  const queue = new EventQueue();
  const draws = randomStream('1', 'customers');
  let waiting = 0;
  let served = 0;
  let idle = false;
  let now = 0;
  const asleep = -1;

  function* arrivals(): Generator<number, void, void> {
    for (let i = 0; i < customers; i++) {
      yield exponential(draws, betweenArrivals);
      waiting++;
      if (idle) queue.push(now, 1);
      idle = false;
    }
  }
  function* server(): Generator<number, void, void> {
    for (;;) {
      while (waiting === 0) {
        idle = true;
        yield asleep;
      }
      waiting--;
      yield exponential(draws, toServe);
      served++;
    }
  }
  const processes = [arrivals(), server()];
  queue.push(0, 0);
  queue.push(0, 1);
  while (queue.size > 0) {
    now = queue.nextTime;
    const slot = queue.pop();
    const step = processes[slot]?.next();
    if (step !== undefined && step.done !== true && step.value !== asleep) queue.push(now + step.value, slot);
  }
  return customers + served;
}

const arrival = recordKind('customer.arrival', { number: 'number', waiting: 'number' });
const departure = recordKind('customer.departure', { number: 'number', waited: 'number', served: 'number' });

interface Customer {
  readonly number: number;
  readonly trace: TraceId;
  readonly since: Micros;
}

function* arrivals(simulation: Simulation, desk: Mailbox<Customer>, customers: number): Process {
  const draws = simulation.stream('customers');
  for (let number = 0; number < customers; number++) {
    yield* sleep(exponential(draws, betweenArrivals));
    const trace = simulation.recorder.trace(0);
    simulation.recorder.write(arrival, 'desk', trace, 'arrival', { number, waiting: desk.length });
    desk.put({ number, trace, since: simulation.now });
  }
}

function* server(simulation: Simulation, desk: Mailbox<Customer>): Process {
  const draws = simulation.stream('customers');
  for (;;) {
    const customer = desk.take() ?? (yield* desk.receive());
    const start = simulation.now;
    const served = exponential(draws, toServe);
    yield* sleep(served);
    const waited = start - customer.since;
    simulation.recorder.write(departure, 'desk', customer.trace, 'served', { number: customer.number, waited, served });
  }
}

/** The same with clock, tasks, mailbox and recorder. Returns the number of arrivals and departures. */
export function engineLoop(customers: number, sink: Sink = new ColumnStore()): number {
  const simulation = new Simulation('1', new Recorder(sink));
  const desk = new Mailbox<Customer>(simulation);
  simulation.spawn(arrivals(simulation, desk, customers));
  simulation.spawn(server(simulation, desk));
  simulation.run(customers * minute);
  return 2 * customers;
}
