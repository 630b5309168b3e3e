/**
 * Milliseconds. When the leader is lost, another is elected after one to two timeouts, and gives every lease its whole time
 * anew and one timeout more: with etcd's own 1000 a lost host that led would be in DNS for up to 6.5 s, with these for
 * less than 5. An election that was not needed costs the records nothing, since they get that time too.
 */
export const ELECTION_FLAGS: readonly string[] = ["--heartbeat-interval=40", "--election-timeout=400"];
