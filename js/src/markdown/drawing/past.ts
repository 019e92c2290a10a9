/**
 * Lets a finished group of blocks cost nothing while it is out of sight. It keeps the height that it has: a guess would move what
 * the reader looks at.
 */
export function leaveBehind(group: HTMLElement): void {
  const { offsetHeight } = group;
  if (offsetHeight > 0) group.style.containIntrinsicBlockSize = `auto ${offsetHeight}px`;
  group.classList.add("md-past");
}
