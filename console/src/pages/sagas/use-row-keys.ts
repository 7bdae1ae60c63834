import { useEffect, useRef } from 'react';

const STEPS: Readonly<Record<string, 1 | -1>> = { ArrowDown: 1, j: 1, ArrowUp: -1, k: -1 };

/** Moves the focus between the elements `[data-row]` below the answered reference. Enter and Tab are the browser's. */
export function useRowKeys() {
  const container = useRef<HTMLTableElement>(null);
  useEffect(() => {
    const element = container.current;
    const onKey = (event: KeyboardEvent) => {
      const step = STEPS[event.key];
      if (!element || step === undefined || event.metaKey || event.ctrlKey || event.altKey) return;
      const rows = [...element.querySelectorAll<HTMLElement>('[data-row]')];
      const index = rows.findIndex((row) => row === document.activeElement);
      if (index === -1) return;
      event.preventDefault();
      rows[index + step]?.focus();
    };
    element?.addEventListener('keydown', onKey);
    return () => element?.removeEventListener('keydown', onKey);
  }, []);
  return container;
}
