# etcd's answers, the records under our names and the keys of our lease, and the lines of /run/rundock/announced
# -> what is to be mended:
#   renew           one of our records is not there as we put it
#   KEY REQUEST     takes out a key: one of our lease that we do not announce, or a value that is no record

# What CoreDNS takes: one value that it does not fails the lookup of every name above it. Its names are read in either case.
def is_integer($least; $most): type == "number" and . == floor and . >= $least and . <= $most;
def fits($name):
  if . == null then true
  elif $name | IN("host", "text", "group") then type == "string"
  elif $name | IN("port", "priority", "weight", "targetstrip") then is_integer(-pow(2; 63); pow(2; 63))
  elif $name == "ttl" then is_integer(0; 4294967295)
  elif $name == "mail" then type == "boolean"
  else true end;
def is_record:
  if test("^\\s*$") then false
  else
    try (fromjson | . == null or (type == "object" and all(to_entries[]; (.key | ascii_downcase) as $name | .value | fits($name))))
    catch false
  end;

# A value that jq cannot decode is left alone.
def is_no_record: try (. // "" | @base64d | is_record | not) catch false;
def taking_out($condition):
  "\(.key | @base64d | if test("^[!-~]+$") then . else @uri end) \({compare: [{key, result: "EQUAL"} + $condition], success: [{requestDeleteRange: {key}}]} | tojson)";

($announced | split("\n") | map(select(. != "") | split(" ") | {(.[3]): .[4]}) | add // {}) as $ours
| [inputs] as $answers
| [$answers[].responses[]?.response_range.kvs[]?] as $found
| ($found | map({(.key): .}) | add // {}) as $by_key
| (
    if all($ours | to_entries[]; $by_key[.key].value == .value and $by_key[.key].lease == $lease) then empty else "renew" end
  ), (
    $found[] | select($ours[.key] == null)
    | select(.lease == $lease or (.value | is_no_record))
    | taking_out({target: "MOD", mod_revision})
  ), (
    $answers[].keys[]? | select($ours[.] == null and $by_key[.] == null) | {key: .}
    | taking_out({target: "LEASE", lease: $lease})
  )
