# Docker's list of containers and every announce file -> a line for each that runs:
# NAME CONTAINER MARK KEY VALUE PROBE ADDRESS PORT PATH
# A service with aliases has a line for each of its keys.
# While a new container starts beside an old one, the service is that of the current release's identity; $identities are
# words NAME=IDENTITY.
# The announced port is the one that Docker published for the container's, so a free port is known here and nowhere else.
($identities | split(" ") | map(select(. != "") | split("=") | {(.[0]): .[1]}) | add) as $current
| .[0] as $containers
| .[1:][] as $announce
| $containers[]
| select(.Labels["rundock.service"] == $announce.service and .Labels["rundock.identity"] == $current[$announce.service])
| select(.State == "running")
| select(.Status | test("unhealthy|health: starting") | not)
| ([.NetworkSettings.Networks[]?.IPAddress | select(. != "")][0]) as $own
| ([.Ports[]? | select(.PrivatePort == $announce.port and .Type == "tcp") | .PublicPort | select(. != null)][0]) as $published
| ($announce.address // $own) as $host
| (if $announce.address == null then $announce.port else $published // $announce.port end) as $port
| select($host != null)
| {host: $host, port: $port, ttl: $announce.ttl, priority: $announce.priority, weight: $announce.weight} as $record
| ($announce.key, $announce.aliases[]?) as $key
| [
    $announce.service, .Id, $announce.mark, ($key | @base64), ($record | tojson | @base64),
    $announce.probe.kind, ($own // $host), (if $own == null then $port else $announce.port end), ($announce.probe.path // "/")
  ]
| join(" ")
