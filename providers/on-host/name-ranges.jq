# The lines of /run/rundock/announced -> requests that read all records under their names, a line each. etcd takes 128
# operations in a transaction.
[inputs | split(" ")[3] | @base64d | split("/")[:-2] | join("/")]
| unique
| map({requestRange: {key: ("\(.)/" | @base64), range_end: ("\(.)0" | @base64)}})
| range(0; length; 100) as $first
| {success: .[$first:$first + 100]}
| tojson
