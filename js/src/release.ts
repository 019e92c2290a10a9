/** A comm as ipywidgets has it: https://github.com/jupyter-widgets/ipywidgets/blob/main/packages/base/src/services-shim.ts. */
interface Comm {
  on_msg?(listener: () => void): void;
  on_close?(listener: () => void): void;
}

const ignore = () => {};

/**
 * Takes a model that is destroyed from its comm: JupyterLab 4.6 keeps the handler of every comm for as long as the kernel lives, and
 * with it the model, its views and their elements.
 */
export function releaseModel(model: { readonly comm?: Comm } | undefined): void {
  model?.comm?.on_msg?.(ignore);
  model?.comm?.on_close?.(ignore);
}
