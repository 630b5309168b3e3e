# Docker's inspections of a container that is there and of one that is wanted -> the names of the fields that differ, with
# commas between them. No difference are: a host name that Docker itself made up, what Docker fills in elsewhere, how a
# container is attached to, stopped, removed and restarted, and the small init process.
def plain:
  if type == "object" then with_entries(.value |= plain | select(.value != null)) | if . == {} then null else . end
  elif type == "array" then map(plain) | if . == [] then null else . end
  elif . == "" or . == false or . == 0 then null
  else . end;

def definition:
  .Id[:12] as $own_hostname
  | (.Config | del(.Labels, .OpenStdin, .StdinOnce, .AttachStdin, .AttachStdout, .AttachStderr, .OnBuild, .ArgsEscaped, .StopTimeout))
    + (.HostConfig | del(.AutoRemove, .RestartPolicy, .ContainerIDFile, .Init, .ConsoleSize, .Annotations, .MaskedPaths, .ReadonlyPaths))
    + {Image, Networks: (.NetworkSettings.Networks // {} | keys)}
  | .Hostname |= if . == $own_hostname then null else . end
  | .Env |= (. // [] | sort)
  | .ExposedPorts |= (. // {} | keys)
  | .Volumes |= (. // {} | keys)
  | .Binds |= (. // [] | map(sub(":rw$"; "")) | sort)
  # /OTHER:/NAME/ALIAS
  | .Links |= (. // [] | map(split("/") | .[1] + .[-1]) | sort)
  | .NetworkMode |= if . == "default" then "bridge" else . end
  | .MemorySwappiness |= if . == -1 then null else . end
  | with_entries(.value |= plain);

map(definition)
| if .[0].Hostname == null then map(del(.Hostname)) else . end
| . as [$there, $wanted]
| [($there + $wanted) | keys[] | select($there[.] != $wanted[.])]
| join(", ")
