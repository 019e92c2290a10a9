import { contestants } from "./contestants.ts";
import { answer, openBlocks } from "./documents.ts";

/** What one run has cost. Times in milliseconds of the main thread, from the first character of a flush until it is laid out. */
export interface Run {
  readonly total: number;
  readonly flushes: number;
  readonly p50: number;
  readonly p99: number;
  readonly worst: number;
  /** Of the last call, which closes what is open. */
  readonly end: number;
  readonly nodes: number;
}

export interface Order {
  readonly contestant: string;
  /** `answer` and its size, or the name of an open block and how often its half. */
  readonly document: string;
  readonly size: number;
  /** Characters of a flush. */
  readonly step: number;
  /** Only each n-th flush is measured; those before it come with it. The total is scaled up. */
  readonly sample: number;
}

/** Lets the page draw a frame, answer the user, load code. */
function pause(): Promise<void> {
  return new Promise((resolve) => {
    const channel = new MessageChannel();
    channel.port1.onmessage = () => {
      channel.port1.close();
      resolve();
    };
    channel.port2.postMessage(null);
  });
}

async function run({ contestant, document: name, size, step, sample }: Order): Promise<Run> {
  const text = name === "answer" ? answer(size) : (openBlocks[name]?.(size) ?? "");
  const holder = document.getElementById("holder") as HTMLElement;
  const node = document.createElement("div");
  holder.replaceChildren(node);
  const create = contestants[contestant];
  if (create === undefined) throw new Error(`No contestant ${contestant}`);
  const root = node.attachShadow({ mode: "open" });
  const drawn = create(root);
  const times: number[] = [];
  for (let start = 0; start < text.length; start += step * sample) {
    await pause();
    const piece = text.slice(start, start + step * sample);
    const begin = performance.now();
    drawn.append(piece);
    node.getBoundingClientRect();
    drawn.settle?.();
    times.push(performance.now() - begin);
  }
  await pause();
  const begin = performance.now();
  drawn.end();
  node.getBoundingClientRect();
  const end = performance.now() - begin;
  const sorted = times.toSorted((a, b) => a - b);
  const at = (part: number) => sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))] ?? 0;
  return {
    total: times.reduce((sum, time) => sum + time, 0) * sample + end,
    flushes: Math.ceil(text.length / step),
    p50: at(0.5),
    p99: at(0.99),
    worst: sorted[sorted.length - 1] ?? 0,
    end,
    nodes: count(root),
  };
}

function count(root: Node): number {
  const walker = document.createTreeWalker(root);
  let nodes = 0;
  while (walker.nextNode() !== null) nodes++;
  return nodes;
}

const longTasks: number[] = [];
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) longTasks.push(entry.duration);
}).observe({ type: "longtask" });

Object.assign(globalThis, { run, longTasks });
