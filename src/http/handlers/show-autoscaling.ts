import { readSignals, scalingView } from '../../autoscaling/signals.ts';
import type { Reply, RouteRequest, Services } from '../route.ts';

export async function showAutoscaling(_request: RouteRequest, { runner, scaling }: Services): Promise<Reply> {
  return { status: 200, body: scalingView(await readSignals(runner), scaling) };
}
