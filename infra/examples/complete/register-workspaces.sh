#!/usr/bin/env bash
# Registers the workspaces of `terraform output` with the airlock: PUT /api/workspaces/ID, as a TRE administrator (Azure CLI login with
# the role TREAdmin). Safe to repeat: a workspace that is registered already is left as it is; its policy belongs to the API.
#
#   ./register-workspaces.sh API_URL CORE_CLIENT_ID
set -euo pipefail
api=${1:?API URL} core=${2:?client id of the core API}

# AIRLOCK_TOKEN of your own is taken where there is no Azure CLI.
token=${AIRLOCK_TOKEN:-$(timeout 120 az account get-access-token --scope "api://$core/.default" --query accessToken --output tsv)}
call() {
	curl --silent --show-error --max-time 60 --header "Authorization: Bearer $token" --header 'Content-Type: application/json' --write-out '\n%{http_code}' "$@"
}
documents=$(terraform output -json registry_documents)
for name in $(jq -r 'keys[]' <<<"$documents"); do
	workspace=$api/workspaces/$(jq -r --arg name "$name" '.[$name].workspace_id' <<<"$documents")
	answer=$(call "$workspace")
	if [[ $answer == *$'\n'200 ]]; then
		echo "$name: registered already"
		continue
	fi
	answer=$(jq -r --arg name "$name" '.[$name].document' <<<"$documents" | call --request PUT --data-binary @- --header 'If-None-Match: *' "$workspace")
	if [[ $answer != *$'\n'2?? ]]; then
		echo "$name: ${answer%$'\n'*}" >&2
		exit 1
	fi
	echo "$name: registered"
done
