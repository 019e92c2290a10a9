import type { Kernel } from "./kernel.ts";
import type { NotebookContext } from "./notebook.ts";

/** What we use of the model that a front end hands to a widget: https://anywidget.dev/en/afm/. */
export interface Model {
  get(name: string): unknown;
  on(name: string, callback: (value: never) => void): void;
  off(name?: string | null, callback?: ((value: never) => void) | null): void;
  send(content: unknown): void;
  readonly widget_manager: WidgetManager;
}

/** The front end's own manager. JupyterLab and Notebook know their kernel and notebook, others do not say. */
export interface WidgetManager {
  get_model(id: string): Promise<Model | undefined>;
  readonly kernel?: Kernel | null;
  readonly context?: NotebookContext;
}
