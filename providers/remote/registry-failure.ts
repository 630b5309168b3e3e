/** Why a registry gave no digest, and what to do about it. Never holds a login. */
export class RegistryFailure extends Error {
  override readonly name = "RegistryFailure";
  readonly advice: string | undefined;

  constructor(message: string, advice?: string, cause?: unknown) {
    super(message, cause === undefined ? {} : { cause });
    this.advice = advice;
  }
}
