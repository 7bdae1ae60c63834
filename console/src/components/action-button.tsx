import { Button, Tooltip, type ButtonProps } from '@mantine/core';
import { useId, type MouseEventHandler } from 'react';
import type { Role } from '../api/types.ts';
import { mayAct } from '../model/words.ts';
import { useSession } from '../shell/session.tsx';
import classes from './action-button.module.css';

interface ActionButtonProps extends ButtonProps {
  readonly needs: Role;
  readonly type?: 'button' | 'submit';
  /** Why it cannot be pressed now, apart from the role. */
  readonly blocked?: string | null;
  readonly onClick?: MouseEventHandler<HTMLButtonElement>;
}

/** A button that the role may not allow: it then says why, and stays reachable by keyboard so that everybody hears it. */
export function ActionButton({ needs, blocked = null, onClick, type = 'button', ...props }: ActionButtonProps) {
  const id = useId();
  const { role } = useSession();
  const why = mayAct(role, needs) ? blocked : `Needs the role ${needs}; you are ${role}`;
  if (why === null) return <Button {...props} type={type} {...(onClick ? { onClick } : {})} />;
  return (
    <Tooltip label={why}>
      <Button
        {...props}
        type="button"
        data-disabled
        aria-disabled="true"
        aria-describedby={id}
        onClick={(event) => event.preventDefault()}
      >
        {props.children}
        <span id={id} className={classes['hidden']}>
          {why}
        </span>
      </Button>
    </Tooltip>
  );
}
