# shellcheck shell=sh
# The lab's registry: registry.lab:5000 for the hosts, a loopback port for pushing from this machine.

ensure_registry() {
  name=${LAB_PREFIX}registry
  if ! container_exists "$name"; then
    docker create --name "$name" --hostname registry --label "rundock.lab=$LAB" \
      --network "${LAB_PREFIX}public" --ip "$(host_address registry public)" --publish 127.0.0.1::5000 \
      --volume "$name:/var/lib/registry" "$(image_reference registry:1)" >/dev/null
    docker network connect --ip "$(host_address registry private)" --alias registry.lab "${LAB_PREFIX}private" "$name"
  fi
  if ! container_runs "$name"; then docker start "$name" >/dev/null; fi
}

# push_images NAME:TAG…: the registry's volume holds a file for each push, which says what image it was.
push_images() {
  pushed=$(docker exec "${LAB_PREFIX}registry" sh -c 'cd /var/lib/registry && mkdir -p pushed && grep -rs . pushed || true')
  for image; do
    reference=$(image_reference "$image")
    if echo "$pushed" | grep -Fqx "pushed/$image:$reference"; then continue; fi
    say "pushing $LAB_REGISTRY/$image"
    push_image "$reference" "$(registry_port)/$image"
    echo "$reference" | docker exec --interactive "${LAB_PREFIX}registry" tee "/var/lib/registry/pushed/$image" >/dev/null
  done
}

registry_port() {
  docker port "${LAB_PREFIX}registry" 5000/tcp | head -n 1
}

push_image() {
  docker tag "$1" "$2"
  docker push --quiet "$2" >/dev/null || fail "could not push $2"
  docker rmi --no-prune "$2" >/dev/null
}
