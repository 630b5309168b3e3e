import * as pulumi from "@pulumi/pulumi";
import { Certificate, CertificateAuthority, RandomPassword } from "rundock";

/** How long etcd's certificates hold, in days. */
export interface CertificateDays {
  readonly certificateDays: number;
  readonly authorityDays: number;
  readonly authorityOverlapDays: number;
}

export interface EtcdIdentitiesArgs extends CertificateDays {
  /** Name -> private address. */
  readonly members: Readonly<Record<string, string>>;
}

/** By which members know each other: no other certificate of the authority opens their port for each other. */
export const MEMBER_NAME = "etcd-member";

/** By which CoreDNS is known: etcd takes the name in its certificate for its user. */
export const COREDNS_USER = "coredns";

export const ANNOUNCER_USER = "announcer";

/**
 * By what etcd's members, CoreDNS and the hosts' announcers know each other: an authority of their own, a certificate for
 * each member and each kind of client, and passwords. All of it is drawn by the program and kept in its state.
 */
export class EtcdIdentities extends pulumi.ComponentResource {
  /** Another one for each authority that was ever made. */
  readonly id: pulumi.Output<string>;
  /** By which all of them are known. */
  readonly bundle: pulumi.Output<string>;
  readonly coredns: Certificate;
  /** Without a common name: etcd's JSON gateway refuses a client that has one. */
  readonly announcer: Certificate;
  readonly announcerPassword: pulumi.Output<string>;
  readonly rootPassword: pulumi.Output<string>;
  readonly #members: ReadonlyMap<string, Certificate>;

  constructor(name: string, args: EtcdIdentitiesArgs, opts?: pulumi.ComponentResourceOptions) {
    super("rundock:stacks:EtcdIdentities", name, {}, opts);
    const child = { parent: this };
    const { certificateDays: validity, authorityDays, authorityOverlapDays: overlap } = args;
    const authority = new CertificateAuthority(name, { validity: authorityDays, overlap }, child);
    this.id = authority.id;
    this.bundle = authority.bundle;
    const common = { authority, validity };
    this.#members = new Map(
      Object.entries(args.members).map(([member, address]) => [
        member,
        new Certificate(
          `${name}-${member}`,
          { ...common, commonName: MEMBER_NAME, ipAddresses: [address] },
          child,
        ),
      ]),
    );
    this.coredns = new Certificate(
      `${name}-${COREDNS_USER}`,
      { ...common, commonName: COREDNS_USER, usages: ["client"] },
      child,
    );
    this.announcer = new Certificate(
      `${name}-${ANNOUNCER_USER}`,
      { ...common, dnsNames: [ANNOUNCER_USER], usages: ["client"] },
      child,
    );
    this.announcerPassword = new RandomPassword(`${name}-${ANNOUNCER_USER}`, child).value;
    this.rootPassword = new RandomPassword(`${name}-root`, child).value;
  }

  member(name: string): Certificate {
    return this.#members.get(name) as Certificate;
  }
}
