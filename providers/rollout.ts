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
  /** Whether a failure takes those back that have been updated. */
  readonly rollsBack: boolean;
}

/** Of an update that did not begin, since another one of its rollout failed. */
export class RolloutHalted extends Error {
  override readonly name = "RolloutHalted";
}

/** Of an update that failed, when those that had succeeded before were taken back. */
export class RolledBack extends Error {
  override readonly name = "RolledBack";
}

interface Waiting {
  readonly member: string;
  readonly begin: (isCanary: boolean) => void;
  readonly refuse: (error: RolloutHalted) => void;
}

/**
 * Lets updates begin in batches: each canary is one, then up to `maxParallel` others are. Members come in any order, and
 * nobody knows how many: one without changes never comes. So a batch never waits to be full, and is over when nothing of
 * it runs. After a failure nothing begins; what has begun goes on to its end. Then, where the policy says so, all that were
 * updated are taken back, one at a time.
 */
export class Rollout {
  readonly #policy: RolloutPolicy;
  readonly #wait: (seconds: number) => Promise<void>;
  #canariesLeft: number;
  #begunInBatch = 0;
  #isPausing = false;
  #waiting: Waiting[] = [];
  readonly #running = new Map<string, Promise<unknown>>();
  /** With what takes each of them back. */
  readonly #updated = new Map<string, () => Promise<unknown>>();
  readonly #failed: string[] = [];
  readonly #refused: string[] = [];
  readonly #takenBack: string[] = [];
  readonly #notTakenBack: string[] = [];
  #takingBack: Promise<void> | undefined;
  #isTakenBack = false;

  constructor(policy: RolloutPolicy, wait = waitSeconds) {
    this.#policy = policy;
    this.#canariesLeft = policy.canary;
    this.#wait = wait;
  }

  /**
   * @param undo brings the member back to what it was before the update
   * @throws RolloutHalted when the update did not begin, RolledBack when it failed and others were taken back; else what the
   * update throws.
   */
  run<T>(
    member: string,
    update: (isCanary: boolean) => Promise<T>,
    undo: () => Promise<unknown> = async () => {},
  ): Promise<T> {
    return new Promise((resolve, reject) => {
      const begin = (isCanary: boolean) => {
        this.#update(member, () => update(isCanary), undo)
          .catch((error) => this.#failAfterTakingBack(error))
          .then(resolve, reject);
      };
      this.#waiting.push({ member, begin, refuse: reject });
      this.#goOn();
    });
  }

  #goOn(): void {
    if (this.#failed.length > 0) {
      if (this.#takingBack === undefined || this.#isTakenBack) this.#refuseWaiting();
      return;
    }
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

  async #update<T>(member: string, update: () => Promise<T>, undo: () => Promise<unknown>): Promise<T> {
    const updating = update();
    this.#running.set(member, updating);
    try {
      const result = await updating;
      this.#updated.set(member, undo);
      return result;
    } catch (error) {
      this.#failed.push(member);
      if (this.#policy.rollsBack) this.#takingBack ??= this.#takeBack();
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

  /** The last one first, when nothing runs any more. */
  async #takeBack(): Promise<void> {
    while (this.#running.size > 0) await Promise.allSettled(this.#running.values());
    for (const [member, undo] of [...this.#updated].reverse()) {
      await undo().then(
        () => this.#takenBack.push(member),
        (error: Error) => this.#notTakenBack.push(`${member} (${error.message})`),
      );
    }
    this.#updated.clear();
    this.#isTakenBack = true;
    this.#goOn();
  }

  async #failAfterTakingBack(error: Error): Promise<never> {
    await this.#takingBack;
    if (this.#takenBack.length + this.#notTakenBack.length === 0) throw error;
    throw new RolledBack(`${error.message}\n${this.#describeHalt()}`, { cause: error });
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
      ["new version", [...this.#updated.keys()]],
      ["being updated", [...this.#running.keys()]],
      ["old version", this.#refused],
      ["taken back to the old version", this.#takenBack],
      ["could not be taken back", this.#notTakenBack],
      ["failed, see its own error", this.#failed],
    ] as const;
    const known = states.filter(([, members]) => members.length > 0);
    return [
      `the rollout of ${this.#policy.name} halted after ${this.#failed[0]} failed`,
      ...known.map(([state, members]) => `  ${state}: ${members.join(", ")}`),
      `  ${this.#advice()}`,
    ].join("\n");
  }

  /** Pulumi has recorded an update that succeeded, and does not hear that it was undone. */
  #advice(): string {
    return this.#takenBack.length + this.#notTakenBack.length === 0
      ? "What is not named here was not touched. Correct what failed and run pulumi up again: it updates those that are left"
      : "Correct what failed and run pulumi up --refresh: only a refresh shows Pulumi what was taken back";
  }
}

/** Nobody may wait any more after the last batch, so the pause alone keeps no process alive. */
async function waitSeconds(seconds: number): Promise<void> {
  await sleep(seconds * 1000, undefined, { ref: false });
}
