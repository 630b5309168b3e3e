import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { RolledBack, Rollout, RolloutHalted, type RolloutPolicy } from "../../providers/rollout.ts";
import { parseService } from "../../providers/spec/parse-service.ts";

interface Scenario {
  readonly policy: RolloutPolicy;
  readonly members: readonly string[];
  readonly failing: readonly string[];
}

/** The policy that a fleet of this size has, as its arguments are read. */
function policyOf(size: number, args: object): RolloutPolicy {
  const host = { name: "back-1", privateAddress: "10.0.0.21" };
  const { rollout } = parseService({
    host,
    name: "web",
    image: "web:1",
    rollout: { fleet: "web", size, ...args },
  });
  assert.ok(rollout);
  const { onFailure, ...batches } = rollout;
  return { ...batches, name: "fleet web", rollsBack: onFailure === "rollback" };
}

const scenarios: fc.Arbitrary<Scenario> = fc.integer({ min: 1, max: 8 }).chain((size) => {
  const members = Array.from({ length: size }, (_, index) => `back-${index + 1}`);
  const args = fc.record({
    canary: fc.integer({ min: 0, max: size + 1 }),
    maxParallel: fc.oneof(
      fc.integer({ min: 1, max: size + 2 }),
      fc.integer({ min: 1, max: 100 }).map((percent) => `${percent}%`),
    ),
    pause: fc.integer({ min: 0, max: 1 }),
    onFailure: fc.constantFrom("halt", "rollback"),
  });
  return fc.record({
    policy: args.map((each) => policyOf(size, each)),
    members: fc.constant(members),
    failing: fc.oneof(fc.constant([]), fc.subarray(members)),
  });
});

/** What was seen of one rollout; checks each step when it happens. */
class Observed {
  readonly begun: string[] = [];
  readonly running = new Set<string>();
  readonly failed: string[] = [];
  readonly undone: string[] = [];
  #isUndoing = false;
  #inBatch = 0;
  #pauses = 0;
  readonly #policy: RolloutPolicy;

  constructor(policy: RolloutPolicy) {
    this.#policy = policy;
  }

  begins(member: string, isCanary: boolean): void {
    const { canary, maxParallel } = this.#policy;
    assert.equal(this.#pauses, 0, `${member} begins in a pause`);
    assert.deepEqual(this.failed, [], `${member} begins after a failure`);
    assert.equal(isCanary, this.begun.length < canary, `${member} is the ${this.begun.length + 1}th`);
    this.begun.push(member);
    this.running.add(member);
    this.#inBatch += 1;
    assert.ok(this.#inBatch <= (isCanary ? 1 : maxParallel), `${this.#inBatch} begin in one batch`);
    assert.equal(this.running.size <= this.#inBatch, true, `${member} begins while the batch before runs`);
  }

  ends(member: string, hasFailed: boolean): void {
    this.running.delete(member);
    if (hasFailed) this.failed.push(member);
    if (this.running.size === 0) this.#inBatch = 0;
  }

  async undoes(member: string, over: Promise<unknown>): Promise<void> {
    assert.ok(this.#policy.rollsBack && this.failed.length > 0, `${member} is undone`);
    assert.deepEqual([...this.running], [], `${member} is undone while others run`);
    assert.equal(this.#isUndoing, false, `${member} is undone beside another`);
    this.#isUndoing = true;
    await over;
    this.#isUndoing = false;
    this.undone.push(member);
  }

  async pauses(over: Promise<unknown>): Promise<void> {
    assert.equal(this.running.size, 0, "a pause begins while members run");
    this.#pauses += 1;
    await over;
    this.#pauses -= 1;
  }
}

/** Whatever order the scheduler gives to arrivals, ends and pauses; all that is left is idle afterwards. */
async function play({ policy, members, failing }: Scenario, scheduler: fc.Scheduler) {
  const seen = new Observed(policy);
  const happens = (what: string) => scheduler.schedule(Promise.resolve(), what);
  const rollout = new Rollout(policy, () => seen.pauses(happens("the pause is over")));
  const outcomes = new Map<string, unknown>();
  for (const member of members) {
    happens(`${member} arrives`)
      .then(() =>
        rollout.run(
          member,
          async (isCanary) => {
            seen.begins(member, isCanary);
            await happens(`${member} ends`);
            seen.ends(member, failing.includes(member));
            if (failing.includes(member)) throw new Error(`${member} is broken`);
            return "updated";
          },
          () => seen.undoes(member, happens(`${member} is undone`)),
        ),
      )
      .then(
        (result) => outcomes.set(member, result),
        (error) => outcomes.set(member, error),
      );
  }
  await scheduler.waitIdle();
  return { seen, outcomes };
}

test("batches, canaries first, and nothing after a failure, in any order of arrival", async () => {
  await fc.assert(
    fc.asyncProperty(scenarios, fc.scheduler(), async (scenario, scheduler) => {
      const { seen, outcomes } = await play(scenario, scheduler);
      const { members, failing } = scenario;
      assert.deepEqual([...outcomes.keys()].sort(), [...members], "all come to an end");
      for (const [member, outcome] of outcomes) {
        const hasBegun = seen.begun.includes(member);
        assert.equal(outcome instanceof RolloutHalted, !hasBegun, `${member}: ${outcome}`);
        if (hasBegun && !failing.includes(member)) assert.equal(outcome, "updated");
        if (hasBegun && failing.includes(member)) assert.match(String(outcome), /is broken$/m);
      }
      const updated = seen.begun.filter((member) => !failing.includes(member));
      const isBack = scenario.policy.rollsBack && seen.failed.length > 0;
      assert.deepEqual(seen.undone.toSorted(), isBack ? updated.toSorted() : []);
      if (failing.length === 0) assert.equal(seen.begun.length, members.length);
      else assert.notDeepEqual(seen.failed, []);
    }),
    { numRuns: 500 },
  );
});

test("a refused update tells who failed first, who has the new version and who the old one", async () => {
  await fc.assert(
    fc.asyncProperty(scenarios, fc.scheduler(), async (scenario, scheduler) => {
      const { seen, outcomes } = await play(scenario, scheduler);
      for (const [member, outcome] of outcomes) {
        if (!(outcome instanceof RolloutHalted)) continue;
        const [cause, ...lines] = outcome.message.split("\n");
        const named = (state: string) =>
          lines
            .find((line) => line.startsWith(`  ${state}`))
            ?.replace(/^.*: /, "")
            .split(", ") ?? [];
        assert.equal(cause, `the rollout of fleet web halted after ${seen.failed[0]} failed`);
        assert.ok(named("old version").includes(member));
        assert.equal(named("failed")[0], seen.failed[0]);
        for (const each of named("new version")) assert.equal(outcomes.get(each), "updated");
        assert.deepEqual(named("taken back").toSorted(), seen.undone.toSorted());
        for (const each of named("being updated")) assert.ok(seen.begun.includes(each));
      }
    }),
    { numRuns: 300 },
  );
});

test("a share of the hosts is rounded down and is at least one of them", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 500 }), fc.integer({ min: 1, max: 100 }), (size, percent) => {
      const { maxParallel } = policyOf(size, { maxParallel: `${percent}%` });
      const exact = BigInt(size) * BigInt(percent);
      assert.equal(maxParallel, Math.max(1, Number(exact / 100n)));
    }),
  );
  assert.equal(policyOf(1, { maxParallel: "50%" }).maxParallel, 1);
  assert.equal(policyOf(5, { maxParallel: "50%" }).maxParallel, 2);
  assert.equal(policyOf(5, { maxParallel: "100%" }).maxParallel, 5);
});

test("as many as may be are updated at once, by a number and by a share, on 1 to n hosts", async () => {
  const [sizes, percents] = [fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 100 })];
  await fc.assert(
    fc.asyncProperty(sizes, sizes, fc.option(percents), fc.nat(13), async (size, number, percent, canary) => {
      const maxParallel = percent === null ? number : `${percent}%`;
      const atOnce = percent === null ? number : Math.max(1, Math.floor((size * percent) / 100));
      const batches = await batchesOf(policyOf(size, { canary, maxParallel }), size);
      assert.deepEqual(batches, fullBatches(size, Math.min(size, canary), atOnce));
    }),
  );
});

/** How many are updated in each batch, when all come at the same time. */
async function batchesOf(policy: RolloutPolicy, size: number): Promise<number[]> {
  const rollout = new Rollout(policy);
  const batches: number[] = [];
  let ends: (() => void)[] = [];
  const update = () => new Promise<void>((resolve) => ends.push(resolve));
  const updates = Array.from({ length: size }, (_, index) => rollout.run(`back-${index + 1}`, update));
  await new Promise(setImmediate);
  while (ends.length > 0) {
    batches.push(ends.length);
    const running = ends;
    ends = [];
    for (const end of running) end();
    await new Promise(setImmediate);
  }
  await Promise.all(updates);
  return batches;
}

function fullBatches(size: number, canaries: number, atOnce: number): number[] {
  const others = size - canaries;
  const full = new Array<number>(Math.floor(others / atOnce)).fill(atOnce);
  const rest = others % atOnce;
  return [...new Array<number>(canaries).fill(1), ...full, ...(rest > 0 ? [rest] : [])];
}

test("a pause is in seconds, and begins when its batch is over", async () => {
  const rollout = new Rollout({ name: "fleet web", canary: 1, maxParallel: 1, pause: 0.2, rollsBack: false });
  const alive = setInterval(() => {}, 1000);
  const [ended, begun] = await Promise.all([
    rollout.run("back-1", async () => {
      await new Promise(setImmediate);
      return performance.now();
    }),
    rollout.run("back-2", async () => performance.now()),
  ]);
  clearInterval(alive);
  // Timers are exact to a millisecond.
  assert.ok(begun - ended >= 198, `${begun - ended} ms`);
});

test("one that comes when all others are done is updated at once", async () => {
  const rollout = new Rollout({ name: "group etcd", canary: 0, maxParallel: 1, pause: 0, rollsBack: false });
  const update = async (isCanary: boolean) => isCanary;
  assert.equal(await rollout.run("back-1", update), false);
  assert.equal(await rollout.run("back-2", update), false);
});

test("a failure tells who was taken back and who could not be", async () => {
  const rollout = new Rollout({ name: "fleet web", canary: 0, maxParallel: 1, pause: 0, rollsBack: true });
  await rollout.run("back-1", async () => {});
  await rollout.run(
    "back-2",
    async () => {},
    () => Promise.reject(new Error("back-2: no route")),
  );
  const failing = rollout.run("back-3", () => Promise.reject(new Error("back-3: web: could not start")));
  await assert.rejects(failing, (error) => {
    assert.ok(error instanceof RolledBack);
    assert.deepEqual(error.message.split("\n"), [
      "back-3: web: could not start",
      "the rollout of fleet web halted after back-3 failed",
      "  taken back to the old version: back-1",
      "  could not be taken back: back-2 (back-2: no route)",
      "  failed, see its own error: back-3",
      "  Correct what failed and run pulumi up --refresh: only a refresh shows Pulumi what was taken back",
    ]);
    return true;
  });
});
