import { useEffect, type RefObject } from 'react';
import { useLocation } from 'wouter';
import { moveFocus, STEPS } from '../../components/row-keys.ts';

const IN_LIST = '[data-row]';
const IN_DETAIL = '[data-task-detail]';

/** j, k and arrows move in the list from anywhere but text fields and choices; Esc leads from the task back to its row. */
export function useInboxKeys(panes: RefObject<HTMLElement | null>): void {
  const [, navigate] = useLocation();
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const root = panes.current;
      if (!root || event.defaultPrevented || event.metaKey || event.ctrlKey || event.altKey || isInDialog(event))
        return;
      if (event.key === 'Escape') leaveDetail(root, navigate);
      const step = STEPS[event.key];
      if (step !== undefined && !takesKeys(event.target)) moveFocus(root, step, event);
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, [panes, navigate]);
}

function leaveDetail(root: HTMLElement, navigate: (path: string) => void): void {
  if (!root.querySelector(IN_DETAIL)) return;
  const current =
    root.querySelector<HTMLElement>(`${IN_LIST}[aria-current]`) ?? root.querySelector<HTMLElement>(IN_LIST);
  navigate('/inbox');
  // The list may be hidden beside an open task.
  requestAnimationFrame(() => current?.focus());
}

const isInDialog = ({ target }: KeyboardEvent): boolean =>
  target instanceof Element && target.closest('[role="dialog"], [role="menu"]') !== null;

/** Fields and radios have uses of their own for letters and arrows. */
const takesKeys = (target: EventTarget | null): boolean =>
  target instanceof Element && target.closest('input, textarea, select, [role="tab"]') !== null;
