import { useEffect, useRef } from 'react';

export const STEPS: Readonly<Record<string, 1 | -1>> = { ArrowDown: 1, j: 1, ArrowUp: -1, k: -1 };

/** Moves the focus to the next of the elements `[data-row]` below `root`, or to the first one if it is on none. */
export function moveFocus(root: HTMLElement, step: 1 | -1, event: KeyboardEvent): void {
  const rows = [...root.querySelectorAll<HTMLElement>('[data-row]')];
  const index = rows.findIndex((row) => row === document.activeElement);
  const next = index === -1 ? rows[0] : rows[index + step];
  if (!next) return;
  event.preventDefault();
  next.focus();
}

/** Arrows, j and k walk the rows of a table while one of them has the focus. Enter and Tab are the browser's. */
export function useRowKeys() {
  const container = useRef<HTMLTableElement>(null);
  useEffect(() => {
    const element = container.current;
    const onKey = (event: KeyboardEvent) => {
      const step = STEPS[event.key];
      if (!element || step === undefined || event.metaKey || event.ctrlKey || event.altKey) return;
      if (document.activeElement?.matches('[data-row]')) moveFocus(element, step, event);
    };
    element?.addEventListener('keydown', onKey);
    return () => element?.removeEventListener('keydown', onKey);
  }, []);
  return container;
}
