# Sourced by the scripts beside it: an Azure CLI that is new enough, and no call that hangs for ever.
az() { timeout "${AZ_SECONDS:-120}" az "$@"; }

# 2.68 has --requested-access-token-version (https://github.com/Azure/azure-cli/blob/dev/src/azure-cli/HISTORY.rst).
required=2.68.0
version=$(az version --query '"azure-cli"' --output tsv)
if [ "$(printf '%s\n' "$required" "$version" | sort -V | head -1)" != "$required" ]; then
	echo "Azure CLI $version is too old: $required or later is needed (az upgrade)" >&2
	exit 1
fi
