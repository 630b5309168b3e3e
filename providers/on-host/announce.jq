# Docker's list of containers and every announce file -> a line for each that runs:
# NAME CONTAINER MARK KEY VALUE TEXT_KEY TEXT_VALUE PROBE ADDRESS PORT PATH
# A service with aliases has a line for each of its keys. What only a public zone has, and aliases, have no text: - -
# While a new container starts beside an old one, the service is that of the current release's identity; $current are
# words NAME=IDENTITY=IMAGE.
# The announced port is the one that Docker published for the container's, so a free port is known here and nowhere else.

# What TXT says. CoreDNS answers no text of a record with an address, hence a second key beside it, whose label no service's
# name can be.
def text_key: split("/") | .[:-1] + ["_" + .[-1]] | join("/");
def digest: split("@")[1] // empty;
def tag: split("@")[0] | split("/")[-1] | split(":")[1] // empty;
def version: first(tag, digest, "latest");

($current | split(" ") | map(select(. != "") | split("=") | {(.[0]): {identity: .[1], image: .[2]}}) | add) as $current
| .[0] as $containers
| .[1:][] as $announce
| $current[$announce.service] as $release
| $containers[]
| select(.Labels["rundock.service"] == $announce.service and .Labels["rundock.identity"] == $release.identity)
| select(.State == "running")
| select(.Status | test("unhealthy|health: starting") | not)
| ([.NetworkSettings.Networks[]?.IPAddress | select(. != "")][0]) as $own
| ([.Ports[]? | select(.PrivatePort == $announce.port and .Type == "tcp") | .PublicPort | select(. != null)][0]) as $published
| ($announce.address // $own) as $host
| (if $announce.address == null then $announce.port else $published // $announce.port end) as $port
| select($host != null)
| {host: $host, port: $port, ttl: $announce.ttl, priority: $announce.priority, weight: $announce.weight} as $record
| [
    "service=\($announce.service)", "host=\($announce.key | split("/")[-2])",
    ($release.image | select(. != "") | "version=\(version)", "image=\(.)"),
    (.Labels["rundock.release"] // empty | "release=\(.)")
  ] as $words
| [($announce.key | text_key | @base64), ({text: ($words | join(" ")), ttl: $announce.ttl} | tojson | @base64)] as $text
| (if $announce.key | startswith("/skydns-public/") then ["-", "-"] else $text end) as $text
| ([$announce.key, $text], ($announce.aliases[]? | [., ["-", "-"]])) as [$key, $text]
| [
    $announce.service, .Id, $announce.mark,
    ($key | @base64), ($record | tojson | @base64), $text[],
    $announce.probe.kind, ($own // $host), (if $own == null then $port else $announce.port end), ($announce.probe.path // "/")
  ]
| join(" ")
