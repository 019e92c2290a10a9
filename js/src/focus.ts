/** Moves the focus to `to` if it is in `from`, which is about to go: else it would fall to the top of the page. */
export function handFocus(from: HTMLElement, to: HTMLElement): void {
  const { activeElement } = from.getRootNode() as ShadowRoot;
  if (activeElement === null || !from.contains(activeElement)) return;
  to.tabIndex = -1;
  to.focus({ preventScroll: true });
}
