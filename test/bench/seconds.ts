/** How long the task takes, in seconds. */
export async function seconds(task: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await task();
  return (performance.now() - start) / 1000;
}

/** The median of three times, of a task that changes nothing. */
export async function usualSeconds(task: () => Promise<unknown>): Promise<number> {
  const times: number[] = [];
  while (times.length < 3) times.push(await seconds(task));
  return times.sort((a, b) => a - b)[1] as number;
}
