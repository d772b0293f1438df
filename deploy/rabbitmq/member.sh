#!/usr/bin/env bash
# One of three RabbitMQ nodes in a container: `member.sh [SCRIPT]` starts it, `member.sh healthy` says whether it serves.
set -euo pipefail

data=/var/lib/rabbitmq
joined=$data/joined # made once this node has been seen in a cluster; it goes with the data
first=broker-1
all=("$first" broker-2 broker-3)

listens() { # HOST: whether it takes clients, in plain text or over TLS
  timeout 2 bash -c "< /dev/tcp/$1/5672" 2>/dev/null || timeout 2 bash -c "< /dev/tcp/$1/5671" 2>/dev/null
}

is_in_a_cluster() { # RabbitMQ's own tools start an Erlang machine each time, so they are asked once
  rabbitmqctl --silent cluster_status --formatter=json | grep --quiet '"disk_nodes":\["[^]]*",' && touch "$joined"
}

another_listens() {
  local node
  for node in "${all[@]}"; do
    if [[ $node != "$HOSTNAME" ]] && listens "$node"; then return; fi
  done
  return 1
}

if [[ ${1:-} == healthy ]]; then
  listens 127.0.0.1 && { [[ -e $joined ]] || is_in_a_cluster; }
  exit
fi

install --owner=rabbitmq --group=rabbitmq --mode=400 /run/secrets/erlang_cookie "$data/.erlang.cookie"
# A new node that finds nobody would found a cluster of its own, so all but the first wait for somebody to join. One
# that has joined must not wait: after all three were down, none takes clients before two are there.
if [[ $HOSTNAME != "$first" && ! -e $joined ]]; then
  trap exit TERM
  until another_listens; do sleep 1; done
fi
if (($#)); then exec bash -euc "$@"; fi
exec docker-entrypoint.sh rabbitmq-server
