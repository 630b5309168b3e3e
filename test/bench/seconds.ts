/** How long the task takes, in seconds. */
export async function seconds(task: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await task();
  return (performance.now() - start) / 1000;
}

/** The median of three times of each task. They take turns, so that what slows the machine down for a while slows all. */
export async function usualSeconds(...tasks: readonly (() => Promise<unknown>)[]): Promise<number[]> {
  const times: number[][] = tasks.map(() => []);
  for (let round = 0; round < 3; round += 1) {
    for (const [index, task] of tasks.entries()) times[index]?.push(await seconds(task));
  }
  return times.map(median);
}

export function median(times: readonly number[]): number {
  return times.toSorted((a, b) => a - b)[times.length >> 1] as number;
}
