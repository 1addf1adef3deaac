#!/usr/bin/env bash
# Makes what `make infra-test` needs beside terraform itself: the two providers and tflint, built from source through the
# Go module proxy at the versions pinned below, so that no registry has to be reachable. Everything goes to a cache
# outside the repository and is built once: INFRA_CACHE, by default ~/.cache/airlock/terraform.
#
# The first time takes about 12 minutes on two cores (azurerm has 1104 resources), 4 GB of memory and 9 GB of Go caches.
set -euo pipefail
cd "$(dirname "$0")"

azurerm=5.2.0 azapi=1.15.0 tflint=0.64.0 # azurerm and azapi: see */go.mod
cache=${INFRA_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/airlock/terraform}
platform=$(go env GOOS)_$(go env GOARCH)

if ! command -v terraform >/dev/null; then
	echo "terraform is missing: install Terraform 1.11 or later from https://developer.hashicorp.com/terraform/install and put it on the PATH" >&2
	exit 1
fi
version=$(TF_CLI_CONFIG_FILE=/dev/null CHECKPOINT_DISABLE=1 terraform version | sed -n '1s/Terraform v//p')
if [ "$(printf '%s\n' 1.11.0 "$version" | sort -V | head -1)" != 1.11.0 ]; then
	echo "terraform $version is too old: write-only arguments need Terraform 1.11 or later (https://developer.hashicorp.com/terraform/install)" >&2
	exit 1
fi

mkdir -p "$cache/bin" "$cache/mirror"
exec 9>"$cache/lock"
flock 9 # two runs at once build once

# still TEXT PID: says every minute that the build goes on.
still() {
	local begin=$SECONDS
	while kill -0 "$2" 2>/dev/null; do
		sleep 1
		if (((SECONDS - begin) % 60 == 0)); then echo "infra-tools: still building $1, $(((SECONDS - begin) / 60)) min"; fi
	done
}

# build NAME STAMP COMMAND...: runs COMMAND unless STAMP says that just this was built before.
build() {
	local name=$1 stamp=$2 begin=$SECONDS
	shift 2
	if [ "$(cat "$cache/$name.stamp" 2>/dev/null)" = "$stamp" ]; then return; fi
	echo "infra-tools: building $name (once, into $cache)"
	nice "$@" >"$cache/$name.log" 2>&1 &
	local pid=$!
	still "$name" $pid
	if ! wait $pid; then
		echo "infra-tools: $name does not build:" >&2
		tail -20 "$cache/$name.log" >&2
		exit 1
	fi
	echo "$stamp" >"$cache/$name.stamp"
	echo "infra-tools: $name built in $((SECONDS - begin)) s"
}

# provider SOURCE VERSION LDFLAGS: into the layout of a filesystem mirror.
provider() {
	local name=${1#*/} dir=$cache/mirror/registry.terraform.io/$1/$2/$platform
	local module=github.com/$([ "$name" = azapi ] && echo Azure || echo hashicorp)/terraform-provider-$name
	mkdir -p "$dir"
	build "$name" "$2 $(go env GOVERSION) $platform $(cat "$name/go.mod" "$name/go.sum" | cksum)" \
		go build -C "$name" -trimpath -ldflags "-s -w $3" -o "$dir/terraform-provider-${name}_v$2" "$module"
}

build tflint "$tflint $(go env GOVERSION)" \
	env GOBIN="$cache/bin" GOFLAGS=-trimpath go install -ldflags '-s -w' "github.com/terraform-linters/tflint@v$tflint"
provider azure/azapi $azapi ''
provider hashicorp/azurerm $azurerm "-X github.com/hashicorp/terraform-provider-azurerm/version.ProviderVersion=$azurerm"

cat >"$cache/terraform.rc" <<EOF
disable_checkpoint = true
provider_installation {
  filesystem_mirror {
    path = "$cache/mirror"
  }
}
EOF
