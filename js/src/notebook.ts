/** The notebook behind a widget manager, as far as a front end shows it: JupyterLab and Notebook all of it, others nothing. */
export interface NotebookContext {
  readonly model?: {
    /** https://jupyter-ydoc.readthedocs.io: what the cells on the screen are drawn from. */
    readonly sharedModel?: {
      readonly cells: ArrayLike<unknown>;
      insertCell?(index: number, cell: { cell_type: "code"; source: string }): unknown;
    };
  };
}

/** Puts `code` in a new cell below the one that shows `near`, or at the end of the notebook if no cell does. */
export type InsertCode = (code: string, near: Node) => void;

/** What inserts code in the notebook; `undefined` where the front end has no such thing. */
export function codeInserter(context: NotebookContext | undefined): InsertCode | undefined {
  const notebook = context?.model?.sharedModel;
  if (!notebook?.insertCell) return undefined;
  return (code, near) => {
    const root = near.getRootNode();
    const widget = root instanceof ShadowRoot ? root.host : near.parentElement;
    const index = widget?.closest<HTMLElement>("[data-windowed-list-index]")?.dataset["windowedListIndex"];
    const below = index === undefined ? notebook.cells.length : Number(index) + 1;
    notebook.insertCell?.(below, { cell_type: "code", source: code });
  };
}
