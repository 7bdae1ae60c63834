import { backstep } from './backstep.ts';
import { byHand } from './by-hand.ts';
import type { Contender, ContenderName } from './contender.ts';
import { raw } from './raw.ts';

export const CONTENDERS: Readonly<Record<ContenderName, Contender>> = { raw, 'by hand': byHand, backstep };
