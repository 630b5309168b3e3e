#!/bin/sh
# What ssh.test.ts needs on a lab host, where it runs this text: sh -c TEXT sh up|down
#   port 2201  keys of three types, no forwarding, no penalty for failed logins
#   port 2299  swallows every packet
#   10.99.0.2  a network of its own, which only the host reaches; in it, [::1]:2222
#   deploy     may become root by sudo without a password; clerk may not
set -eu

dir=/run/ssh-servers

up() {
  down
  mkdir -p "$dir" /run/sshd
  for type in ed25519 ecdsa rsa; do new_key "$type"; done
  configure several 'Port 2201' 'AllowTcpForwarding no'
  /usr/sbin/sshd -f "$dir/several.conf"
  iptables -I INPUT -p tcp --dport 2299 -j DROP
  make_network
  configure six 'ListenAddress 10.99.0.2:22' 'ListenAddress [::1]:2222'
  ip netns exec six /usr/sbin/sshd -f "$dir/six.conf"
  for user in deploy clerk; do new_user "$user"; done
  echo 'deploy ALL=(root) NOPASSWD: ALL' >/etc/sudoers.d/ssh-servers
}

new_key() {
  ssh-keygen -q -t "$1" -N '' -C '' -f "$dir/$1"
}

# configure NAME SETTING…
configure() {
  name=$1
  shift
  {
    printf 'HostKey %s\n' "$dir/ed25519" "$dir/ecdsa" "$dir/rsa"
    printf '%s\n' "PidFile $dir/$name.pid" 'PermitRootLogin prohibit-password' 'PasswordAuthentication no' 'PerSourcePenalties no' "$@"
  } >"$dir/$name.conf"
}

make_network() {
  ip netns add six
  ip link add six0 type veth peer name six1 netns six
  ip address add 10.99.0.1/30 dev six0
  ip link set six0 up
  ip -n six address add 10.99.0.2/30 dev six1
  ip -n six link set six1 up
  ip -n six link set lo up
}

new_user() {
  useradd --create-home --shell /bin/sh --password '*' "$1"
  install -d -m 700 -o "$1" -g "$1" "/home/$1/.ssh"
  install -m 600 -o "$1" -g "$1" /root/.ssh/authorized_keys "/home/$1/.ssh/"
}

down() {
  for file in "$dir"/*.pid; do
    if [ -e "$file" ]; then kill "$(cat "$file")" 2>/dev/null || true; fi
  done
  while iptables -D INPUT -p tcp --dport 2299 -j DROP 2>/dev/null; do :; done
  if ip netns list | grep -q '^six\b'; then ip netns delete six; fi
  if [ -e /sys/class/net/six0 ]; then ip link delete six0 2>/dev/null || true; fi
  for user in deploy clerk; do
    if id "$user" >/dev/null 2>&1; then userdel --force --remove "$user" 2>/dev/null; fi
  done
  rm -rf "$dir" /etc/sudoers.d/ssh-servers
}

"$@"
