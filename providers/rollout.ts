import { setTimeout as sleep } from "node:timers/promises";

/** How many members of a rollout are updated at once, and after which proof. */
export interface RolloutPolicy {
  /** What it is called in errors, such as `fleet web`. */
  readonly name: string;
  /** How many are updated before all others, one at a time. */
  readonly canary: number;
  /** How many of the others are updated at once; at least 1. */
  readonly maxParallel: number;
  /** Seconds between two batches. */
  readonly pause: number;
}

/** Of an update that did not begin, since another one of its rollout failed. */
export class RolloutHalted extends Error {
  override readonly name = "RolloutHalted";
}

interface Waiting {
  readonly member: string;
  readonly begin: (isCanary: boolean) => void;
  readonly refuse: (error: RolloutHalted) => void;
}

/**
 * Lets updates begin in batches: each canary is one, then up to `maxParallel` others are. Members come in any order, and
 * nobody knows how many: one without changes never comes. So a batch never waits to be full, and is over when nothing of
 * it runs. After a failure nothing begins; what has begun goes on to its end.
 */
export class Rollout {
  readonly #policy: RolloutPolicy;
  readonly #wait: (seconds: number) => Promise<void>;
  #canariesLeft: number;
  #begunInBatch = 0;
  #isPausing = false;
  #waiting: Waiting[] = [];
  readonly #running = new Set<string>();
  readonly #updated: string[] = [];
  readonly #failed: string[] = [];
  readonly #refused: string[] = [];

  constructor(policy: RolloutPolicy, wait = waitSeconds) {
    this.#policy = policy;
    this.#canariesLeft = policy.canary;
    this.#wait = wait;
  }

  /** @throws RolloutHalted when the update did not begin; else what the update throws. */
  run<T>(member: string, update: (isCanary: boolean) => Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const begin = (isCanary: boolean) => {
        this.#update(member, () => update(isCanary)).then(resolve, reject);
      };
      this.#waiting.push({ member, begin, refuse: reject });
      this.#goOn();
    });
  }

  #goOn(): void {
    if (this.#failed.length > 0) this.#refuseWaiting();
    while (this.#hasRoom()) {
      const next = this.#waiting.shift();
      if (next === undefined) return;
      this.#begunInBatch += 1;
      next.begin(this.#canariesLeft > 0);
    }
  }

  #hasRoom(): boolean {
    const batch = this.#canariesLeft > 0 ? 1 : this.#policy.maxParallel;
    return !this.#isPausing && this.#begunInBatch < batch;
  }

  async #update<T>(member: string, update: () => Promise<T>): Promise<T> {
    this.#running.add(member);
    try {
      const result = await update();
      this.#updated.push(member);
      return result;
    } catch (error) {
      this.#failed.push(member);
      throw error;
    } finally {
      this.#running.delete(member);
      if (this.#failed.length === 0 && this.#running.size === 0) this.#endBatch();
      else this.#goOn();
    }
  }

  async #endBatch(): Promise<void> {
    this.#canariesLeft = Math.max(0, this.#canariesLeft - 1);
    this.#begunInBatch = 0;
    if (this.#policy.pause > 0) {
      this.#isPausing = true;
      await this.#wait(this.#policy.pause);
      this.#isPausing = false;
    }
    this.#goOn();
  }

  #refuseWaiting(): void {
    const refused = this.#waiting;
    this.#waiting = [];
    this.#refused.push(...refused.map(({ member }) => member));
    const message = this.#describeHalt();
    for (const { refuse } of refused) refuse(new RolloutHalted(message));
  }

  #describeHalt(): string {
    const states = [
      ["new version", this.#updated],
      ["being updated", [...this.#running]],
      ["old version", this.#refused],
      ["failed, see its own error", this.#failed],
    ] as const;
    const known = states.filter(([, members]) => members.length > 0);
    return [
      `the rollout of ${this.#policy.name} halted after ${this.#failed[0]} failed`,
      ...known.map(([state, members]) => `  ${state}: ${members.join(", ")}`),
      "  What is not named here was not touched. Correct what failed and run pulumi up again: it updates those that are left",
    ].join("\n");
  }
}

/** Nobody may wait any more after the last batch, so the pause alone keeps no process alive. */
async function waitSeconds(seconds: number): Promise<void> {
  await sleep(seconds * 1000, undefined, { ref: false });
}
