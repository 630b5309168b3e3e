# Docker's list of containers -> Rundock's. $adopted has lines SERVICE ID IDENTITY RELEASE.
($adopted | split("\n") | map(select(. != "") | split(" ") | {(.[1]): {
  "rundock.service": .[0], "rundock.identity": .[2], "rundock.release": .[3]
}}) | add // {}) as $labels
| map(.Labels += ($labels[.Id] // {}) | select(.Labels["rundock.service"] != null))
