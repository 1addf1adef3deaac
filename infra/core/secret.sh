#!/usr/bin/env bash
# Makes a version of a secret in a vault, through the Resource Manager: that takes no role in the vault and no way into its network.
# The value is in no argument and no file; called by vault.tf.
set -euo pipefail
: "${SECRET_ID:?}"
value=$(head -c 64 /dev/urandom | base64 --wrap=0)
timeout 120 az rest --only-show-errors --output none --method put --url "https://management.azure.com$SECRET_ID?api-version=2023-07-01" \
	--body @<(printf '{"properties":{"value":"%s","contentType":"64 random bytes, base64"}}' "$value")
