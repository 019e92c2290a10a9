/** A signal of JupyterLab's: https://lumino.readthedocs.io/en/latest/api/modules/signaling.html. */
interface Signal<Argument> {
  connect(slot: (sender: unknown, argument: Argument) => void): unknown;
  disconnect(slot: (sender: unknown, argument: Argument) => void): unknown;
}

/** The kernel behind a widget manager, as far as a front end shows it: JupyterLab and Notebook all of it, others nothing. */
export interface Kernel {
  interrupt?(): Promise<void>;
  readonly statusChanged?: Signal<string>;
  readonly disposed?: Signal<unknown>;
}

/** What a kernel says when it forgets the widgets that it has made. */
const GONE = new Set(["restarting", "autorestarting", "terminating", "dead"]);

/** Calls `gone` when `kernel` ends or starts again. The returned function ends the watch. */
export function watchKernel(kernel: Kernel | null | undefined, gone: () => void): () => void {
  const look = (_: unknown, status: string) => {
    if (GONE.has(status)) gone();
  };
  kernel?.statusChanged?.connect(look);
  kernel?.disposed?.connect(gone);
  return () => {
    kernel?.statusChanged?.disconnect(look);
    kernel?.disposed?.disconnect(gone);
  };
}
